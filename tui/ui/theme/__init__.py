"""Themes: their files, and the styles that are made of them."""
