"""Scores of enterprises: a points table as data, reckoned with reasons and watched; only ever advice."""
