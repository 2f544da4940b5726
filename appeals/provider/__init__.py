"""Pages of a provider: the grab hall, its orders."""
