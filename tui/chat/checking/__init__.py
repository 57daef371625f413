"""Checks of a recorded stream, or of one that still comes: what is wrong with it, and what clients make of that."""
