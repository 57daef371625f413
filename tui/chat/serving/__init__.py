"""Serving: tapes played to whoever asks, and what goes wrong with that on request."""
