"""What a tool call may run: definitions, schemas, approval rules, and the runner that kills what hangs."""
