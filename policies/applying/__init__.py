"""Applying: the form made from rule and materials, its draft, its files, and sending it."""
