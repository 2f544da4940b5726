"""The versions in force, kept by the process: lists are browsed in it, "my policies" is judged against it.

One small query tells whether anything changed since; only then are the versions read again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import connection

from policies.models import ItemVersion
from policies.shelf import Entry, Shelf

FIELDS = (
    "pk",
    "item_id",
    "item__code",
    "title",
    "rule_version_id",
    "mode",
    "benefit",
    "exclusivity_group",
    "grants",
    "window_from",
    "window_to",
    "level",
    "item__department__code",
    "topics",
    "targets",
    "amount_max_fen",
    "published_at",
)
"""Of ItemVersion, in the order of an Entry."""


@dataclass(frozen=True)
class Book:
    """Every version in force on a day, in a stable order."""

    day: date
    entries: tuple[Entry, ...]

    @cached_property
    def shelf(self) -> Shelf:
        """The same, laid out for browsing."""
        return Shelf(self.entries, self.day)

    @cached_property
    def groups(self) -> dict[str, list[Entry]]:
        """The entries of which only one may be enjoyed, by their group."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.group:
                found.setdefault(entry.group, []).append(entry)
        return found

    @property
    def rule_version_ids(self) -> list[int]:
        return [entry.rule_version_id for entry in self.entries]


_CHANGED = """
SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned() IS NOT NULL,
       EXISTS (SELECT 1 FROM policies_dirtyitem
                WHERE changed_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
                  AND NOT pg_visible_in_snapshot(changed_in, %(seen)s::pg_snapshot))
"""

_kept: tuple[str, Book] | None = None
"""A snapshot of the database and the book read after it."""


def in_force(day: date) -> Book:
    """The book of a day: one query while nothing has changed, two otherwise."""
    global _kept  # one book a process is the point
    seen = _kept[0] if _kept else None
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"seen": seen})
        now, written, changed = cursor.fetchone()
    if written:
        # what this transaction wrote may be rolled back: it must see it, the process must not keep it
        return _read(day)
    if _kept is None or changed or _kept[1].day != day:
        _kept = (now, _read(day))
    return _kept[1]


def forget(**_signal: object) -> None:
    """Drop the book of this process: its database was filled or emptied by other means than writing."""
    global _kept
    _kept = None


def _read(day: date) -> Book:
    shown = ItemVersion.objects.visible_to(None).in_force(day).order_by("pk")
    rows: Iterable[tuple[object, ...]] = shown.values_list(*FIELDS)
    return Book(day, tuple(Entry(*row) for row in rows))  # type: ignore[arg-type]
