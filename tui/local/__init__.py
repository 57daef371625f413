"""The built-in model: its weights, its runtime, and the child process that serves it on loopback."""
