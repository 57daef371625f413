"""What a tool call may run: definitions, approval rules, and the runner that kills what hangs."""
