"""The doctor: a few small questions to an endpoint, and the card of how it streams."""
