"""Figures of appeals that name what they are counted of, by department, team, category, town and month."""
