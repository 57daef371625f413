"""Actions: one table of everything a person can do, and the views of it that keys, hints, help and commands are."""
