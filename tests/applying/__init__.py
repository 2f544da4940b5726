"""Applying and reviewing."""
