"""Conversations of other programs, read where those keep them: one module a format, one row of the table each."""
