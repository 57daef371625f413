"""The parts that come and go: beside the conversation, or over it."""
