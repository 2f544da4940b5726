"""Search: `find` serves pages (no dictionary in memory), `index` writes the index in workers."""

from policies.search.query import ORDERINGS, Hits, Parsed, find, hits, parse, search

__all__ = ["ORDERINGS", "Hits", "Parsed", "find", "hits", "parse", "search"]
