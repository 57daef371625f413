"""The model in the box: its weights, its runtime, and the child process that serves it on loopback."""
