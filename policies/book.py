"""The versions in force, kept by the process: lists are browsed in it, "my policies" is judged against it.

One small query tells whether anything changed since; only then are the versions read again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db import connection

from policies.enums import Benefit, Mode
from policies.models import ItemVersion
from policies.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Entry:
    """What finding, judging and adding up need of a version; long texts are read for the page shown only."""

    version_id: int
    item_id: int
    code: str
    title: str
    rule_version_id: int
    mode: str
    benefit: str
    group: str
    grants: str
    window_from: date | None
    window_to: date | None
    level: str
    department: str
    topics: list[str]
    targets: list[str]
    amount_max_fen: int | None
    published_at: datetime

    @property
    def enjoy(self) -> bool:
        return self.mode == Mode.ENJOY

    @property
    def pays(self) -> bool:
        """Whether money is paid out; only that is added up."""
        return self.benefit == Benefit.MONEY

    def is_open(self, day: date) -> bool:
        """Whether the window is open on a day; an absent bound is no bound."""
        return (self.window_from is None or self.window_from <= day) and (
            self.window_to is None or day <= self.window_to
        )


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
