"""Sockets: the client, one exchange with an endpoint, its key, its address, its list of models."""
