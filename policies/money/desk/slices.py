"""Lists that go on by key and not by number: what leaves the list moves nothing, and no page is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict

from enterprises.finding import named
from enterprises.models import Enterprise

PAGE_SIZE: Final = 30
FIRMS: Final = 200
"""Enterprises whose names are looked through; more have no useful word in common."""


@dataclass(frozen=True)
class Slice:
    """A page of a list; `after` is where the next one begins, empty on the last."""

    rows: list[Any]
    after: str


def sliced(found: QuerySet[Any], given: QueryDict, *, newest_first: bool = True) -> Slice:
    """The rows behind `after` of the address. What is no key begins at the top."""
    after = given.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) <= 18:
        found = found.filter(**{"pk__lt" if newest_first else "pk__gt": int(after)})
    rows = list(found.order_by("-pk" if newest_first else "pk")[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    return Slice(shown, str(shown[-1].pk) if len(rows) > PAGE_SIZE else "")


def words_of(given: QueryDict) -> str:
    """What is searched for."""
    return given.get("q", "").strip()[:80]


def firms_named(words: str) -> list[int]:
    """Enterprises so named, or with that in their credit code."""
    firms = Enterprise.objects.filter(named(words))
    return list(firms.order_by("pk").values_list("pk", flat=True)[:FIRMS])
