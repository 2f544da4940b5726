"""One rule before one enterprise: which year Y and E are, which value a period means."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

from enterprises.catalogue import NOT_APPLICABLE, Kind, Tier
from enterprises.knowledge import Knowledge, Known
from matching.plain.context import Context
from matching.tree import Base, FigureRef, Period, RelativeYear, RuleTree

NEVER = "never"
"""The year of an event that is not applicable: it has not happened and will not."""


@dataclass(frozen=True)
class Situation:
    """Looks up facts, years and figures; everything that does not depend on a node."""

    tree: RuleTree
    knowledge: Knowledge
    context: Context
    _events: dict[str, int | str | None] = field(default_factory=dict, compare=False)

    @property
    def reference_year(self) -> int:
        """Y: fixed by the rule, else given with the governing date, else the year of the day judged."""
        return self.tree.reference_year or self.context.reference_year or self.context.as_of.year

    def event_year(self, fact: str | None = None) -> int | str | None:
        """E: the year of an event fact; None unknown, NEVER not applicable."""
        key = fact or self.tree.event_fact
        if key is None:
            return None
        if key not in self._events:
            known = self.look_up(key, None)
            if known is None:
                self._events[key] = None
            elif known.value is NOT_APPLICABLE:
                self._events[key] = NEVER
            else:
                value = known.value
                self._events[key] = value.year if isinstance(value, dt.date) else int(value)  # type: ignore[arg-type]
        return self._events[key]

    def year(self, period: Period) -> int | str | None:
        """The year a period means; None when E is unknown, NEVER when there is no event."""
        if period.base is Base.ABSOLUTE:
            return period.offset
        start = self.reference_year if period.base is Base.Y else self.event_year()
        return start + period.offset if isinstance(start, int) else start

    def look_up(self, fact: str, period: Period | None) -> Known | None:
        """The value in force, or None. A complete set without a record is known to be empty."""
        spec = self.knowledge.catalogue[fact]
        year: int | str | None = None
        if period is not None:
            year = self.year(period)
            if year is None:
                return None
            if year == NEVER:
                return self._without_event()
            known = self.knowledge.value(fact, int(year))
        elif spec.periodic:
            known = self.knowledge.latest(fact, self.reference_year)
        else:
            known = self.knowledge.value(fact)
        if known is None and spec.kind is Kind.CHOICES and spec.complete:
            when = None if year is None else int(year)
            return Known(frozenset(), when, Tier.OFFICIAL, spec.department, self.context.as_of)
        return known

    def relative_year(self, operand: RelativeYear) -> int | str | None:
        return self.year(Period(operand.base, operand.offset))

    def figure(self, ref: FigureRef) -> Fraction | None:
        """A public figure × its factor in base units, or None."""
        day = self.context.as_of
        if isinstance(ref.on, dt.date):
            day = ref.on
        elif ref.on is not None:
            year = self.year(ref.on)
            if not isinstance(year, int) or not dt.MINYEAR <= year <= dt.MAXYEAR:
                return None
            day = min(day, dt.date(year, 12, 31))
        value = self.context.figures.at(ref.key, self.context.region, day, ref.unit)
        return None if value is None else value * ref.factor

    def _without_event(self) -> Known:
        return Known(NOT_APPLICABLE, None, Tier.OFFICIAL, "", self.context.as_of)
