"""What a judgement is given besides the rule and the enterprise: the day, the purpose, public figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from enterprises.catalogue import Purpose
from matching.parse.units import family_of, to_base


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One dated public figure. `region` is a canonical code ("" for the whole country)."""

    key: str
    region: str
    on: dt.date
    value: Fraction | int
    unit: str
    label: str = ""


class Figures:
    """Public figures (LPR, minimum wage…), found by region and day."""

    def __init__(self, rows: Iterable[FigureRow] = ()) -> None:
        self._rows: dict[str, list[FigureRow]] = {}
        self.labels: dict[str, str] = {}
        for row in rows:
            self._rows.setdefault(row.key, []).append(row)
            if row.label:
                self.labels[row.key] = row.label

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Figures) and self._rows == other._rows

    __hash__ = None  # type: ignore[assignment]

    def at(self, key: str, region: str, day: dt.date, family: str) -> Fraction | None:
        """The figure in base units: nearest region level up that has one, there the newest up to `day`.

        None where there is none, or where the newest is not of this family (money, percent, number).
        """
        rows = [row for row in self._rows.get(key, ()) if row.on <= day and region.startswith(row.region)]
        if not rows:
            return None
        row = max(rows, key=lambda row: (len(row.region), row.on))
        return to_base(Fraction(row.value), row.unit) if family_of(row.unit) == family else None


@dataclass(frozen=True)
class Context:
    """How to judge. `reference_year` serves rules that fix none; None: the year of `as_of`.

    `region` is where figures are looked up. `received` is fen already paid, by "item" and "group",
    confirmed before the day judged; what it does not name is 0.
    """

    as_of: dt.date
    purpose: Purpose = Purpose.SHOW
    reference_year: int | None = None
    figures: Figures = field(default_factory=Figures)
    region: str = ""
    received: Mapping[str, int] = field(default_factory=dict)
