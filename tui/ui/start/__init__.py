"""The way to the first paint: what is imported, when, and what waits until it has been."""
