"""What the bytes mean: framing, dialects and limits, with no sockets, no files, no clocks."""
