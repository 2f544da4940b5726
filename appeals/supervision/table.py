"""The supervisor's table: a row for each place, a cell for each measure, bars that can be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.supervision.measures import MEASURES, NOBODY, PROVIDERS, Figure, Rows, figures
from portal.accounts.models import Department
from portal.kernel.durations import closely

COLUMNS: Final = ("open", "on_time", "returned", "once", "twice", "accepted", "answered")
"""Measures that have a column; the others are reached from the lists."""
PLACES: Final = {PROVIDERS: gettext_lazy("服务机构"), NOBODY: gettext_lazy("尚未派出")}
KEYS: Final = {PROVIDERS: "providers", NOBODY: "nobody"}
"""How a place stands in an address, beside the ids of departments."""
WIDTH: Final = 100
"""Of a bar, in its own units."""


def place_key(place: int | None) -> str:
    """The place as it stands in an address; empty for all."""
    return "" if place is None else KEYS.get(place, str(place))


def place_of(key: str) -> int | None:
    """The place an address names; None for all, and for what is none."""
    if key in KEYS.values():
        return next(place for place, known in KEYS.items() if known == key)
    return int(key) if key.isascii() and key.isdecimal() and 0 < len(key) <= 18 and int(key) else None


@dataclass(frozen=True, slots=True)
class Line:
    """A place with its figures; `longest` are the greatest of each column, to which its bars are drawn."""

    place: int | None
    name: str
    figures: Mapping[str, Figure]
    longest: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As in an address."""
        return place_key(self.place)

    def count(self, key: str) -> int:
        """How many orders; 0 of a measure that nobody counted."""
        return self.figures.get(key, Figure()).count

    @property
    def cells(self) -> list[Cell]:
        """One for each column."""
        return [Cell(self, key) for key in COLUMNS]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a line, as it is shown."""

    line: Line
    key: str

    @property
    def label(self) -> str:
        """What is counted."""
        return str(MEASURES[self.key].label)

    @property
    def state(self) -> str:
        """What colours the bar."""
        return MEASURES[self.key].state

    @property
    def count(self) -> int:
        """How many orders its list has."""
        return self.line.count(self.key)

    @property
    def words(self) -> str:
        """The figure; “—” when there is nothing it could be counted of."""
        if self.key == "on_time":
            judged = self.line.count("judged")
            return f"{self.count * 100 // judged}%" if judged else "—"
        if self.key in ("accepted", "answered"):
            median = self.line.figures.get(self.key, Figure()).median
            return "—" if median is None else closely(median)
        return str(self.count)

    @property
    def empty(self) -> bool:
        """Whether there is no list to open."""
        return self.words == "—"

    @property
    def note(self) -> str:
        """Of how many, under the figure."""
        if self.empty:
            return ""
        if self.key == "on_time":
            return f"{self.count} / {self.line.count('judged')}"
        if self.key in ("accepted", "answered"):
            return _("%(count)d 件") % {"count": self.count}
        overdue = self.line.count("overdue")
        return _("办理超期 %(count)d") % {"count": overdue} if self.key == "open" and overdue else ""

    @property
    def note_key(self) -> str:
        """The measure that the note counts, when it is another list than the figure's."""
        return {"on_time": "judged", "open": "overdue"}.get(self.key, "")

    @property
    def bar(self) -> int:
        """How long the bar is, of `WIDTH`: a share of its whole, else of the column's greatest."""
        whole: float = (
            self.line.count("judged") if self.key == "on_time" else self.line.longest.get(self.key, 0)
        )
        return round(WIDTH * min(1, size_of(self.key, self.line.figures) / whole)) if whole else 0

    @property
    def rank(self) -> tuple[bool, float]:
        """Where its line stands when this column is looked at: what needs attention first, the empty last."""
        if self.key == "on_time":
            judged = self.line.count("judged")
            return self.empty, self.count / judged if judged else 0
        return self.empty, -size_of(self.key, self.line.figures)


def size_of(key: str, known: Mapping[str, Figure]) -> float:
    """What a bar is drawn of: seconds of a timed measure, else how many."""
    figure = known.get(key, Figure())
    return figure.median.total_seconds() if figure.median is not None else figure.count


def table(
    rows: Rows, now: dt.datetime, own: Department | None = None, by: str = ""
) -> tuple[list[Line], Line]:
    """A line for each place that has something, and the one of all; three queries.

    The `own` department stands there even without an order, and alone. In the departments' order, or the
    greatest first of the column `by`; of shares on time the smallest.
    """
    by_place, total = figures(rows, now, own.pk if own else None)
    departments: dict[int, Any] = {own.pk: own} if own else {}
    missing = [place for place in by_place if place > 0 and place not in departments]
    departments |= Department.objects.in_bulk(missing)
    longest = {key: max((size_of(key, known) for known in by_place.values()), default=0) for key in COLUMNS}
    ordered = sorted(departments.values(), key=lambda each: (each.code, each.pk))
    lines = [Line(each.pk, each.short_name, by_place.get(each.pk, {}), longest) for each in ordered]
    lines += [
        Line(place, str(name), by_place[place], longest)
        for place, name in PLACES.items()
        if place in by_place
    ]
    if by in COLUMNS:
        lines.sort(key=lambda line: Cell(line, by).rank)
    return lines, Line(None, _("合计"), total, longest)
