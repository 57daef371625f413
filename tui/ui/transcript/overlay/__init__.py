"""Overlays: what is laid over the rows of the page, and changes nothing of them."""
