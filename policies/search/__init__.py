"""Search: `find` serves pages (no dictionary in memory), `index` writes the index in workers."""

from policies.search.query import ORDERINGS, Parsed, find, parse, search

__all__ = ["ORDERINGS", "Parsed", "find", "parse", "search"]
