"""rillet: a terminal chat for streaming model APIs, in which you can see the stream."""

__version__ = "0.1.0"
