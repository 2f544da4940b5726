"""Items of which an enterprise may enjoy one only (就高不重复): the others of each are named beside it."""

from __future__ import annotations

from collections.abc import Iterable

from policies.book import Book
from policies.models import ItemVersion


def name_rivals(versions: Iterable[ItemVersion], book: Book) -> None:
    """Fill `rivals` of each version with the book's other entries of its group."""
    for version in versions:
        version.rivals = tuple(
            entry
            for entry in book.groups.get(version.exclusivity_group, ())
            if entry.item_id != version.item_id
        )
