"""Reviewing: accepting, asking for amendments, opinions, notices and decisions."""
