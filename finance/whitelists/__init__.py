"""Whitelists: drawn up by a run of a rule, confirmed, pushed to banks, answered by them."""
