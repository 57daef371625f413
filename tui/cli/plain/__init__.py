"""Plain mode: the chat line by line, for screen readers and terminals without a screen. What was written stays as it is."""
