"""API to file appeals and to follow one's own, for the systems of an enterprise: see docs/api.md."""
