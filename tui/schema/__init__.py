"""Structured data: JSON values, the schemas they follow, and what of them has arrived."""
