"""What a conversation is: plain values, no sockets, no files, no clocks."""
