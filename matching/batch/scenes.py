"""One rule before many enterprises at once: the counterpart of :mod:`matching.plain.situation`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Kind
from enterprises.knowledge import Knowledge
from matching.batch.columns import INAPPLICABLE, PRESENT, UNKNOWN, Column
from matching.batch.frame import Frame
from matching.plain.context import Context
from matching.plain.situation import NEVER, Situation
from matching.tree import Base, Compare, FigureRef, Over, Period, RelativeYear, RuleTree

Mask = NDArray[np.bool_]
Group = tuple[Mask | None, Situation]
"""Rows that share everything a node depends on besides facts (None: all rows), and their situation."""


@dataclass(frozen=True)
class Scene:
    """A frame, a rule and a context; ``context.region`` serves the rows whose region is unknown."""

    frame: Frame
    tree: RuleTree
    context: Context
    _years: dict[str, Column] = field(default_factory=dict, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def reference_year(self) -> int:
        """Y, the same for all rows."""
        return self.situation().reference_year

    def part(self, rows: NDArray[np.int64]) -> Scene:
        """The same scene with some rows only."""
        return Scene(self.frame.part(rows), self.tree, self.context)

    def situation(self, event: int | str | None = None, region: str | None = None) -> Situation:
        """What the plain evaluator would look operands up in, given the event's year and the region."""
        context = self.context if region is None else replace(self.context, region=region)
        events = {self.tree.event_fact: event} if self.tree.event_fact else {}
        return Situation(self.tree, Knowledge(self.frame.catalogue, context.as_of), context, events)

    def column(self, fact: str, period: Period | None, situation: Situation) -> Column:
        """The values in force of rows in one situation; a complete set without a record is empty."""
        spec = self.frame.catalogue[fact]
        if period is None:
            column = self.frame.latest(fact, self.reference_year) if spec.periodic else self.frame.value(fact)
        else:
            year = situation.year(period)
            if not isinstance(year, int):
                state = UNKNOWN if year is None else INAPPLICABLE
                return replace(Column.blank(len(self)), state=np.full(len(self), state, np.uint8))
            column = self.frame.value(fact, year)
        return _completed(column) if spec.kind is Kind.CHOICES and spec.complete else column

    def event_years(self, fact: str) -> Column:
        """The calendar year of an event fact, row by row."""
        if fact not in self._years:
            self._years[fact] = self._event_years(fact)
        return self._years[fact]

    def _event_years(self, fact: str) -> Column:
        column = self.column(fact, None, self.situation())
        if self.frame.catalogue[fact].kind is Kind.DATE:
            days = (column.values.astype(np.int64) - 719_163).astype("datetime64[D]")
            years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        else:
            # int() of a value cuts towards zero; years are positive
            years = column.values // (column.factor if column.below is None else column.factor * column.below)
        return Column(years, column.state)

    def groups(self, by_event: bool, by_region: bool) -> Iterator[Group]:
        """The rows parted by event year and region, as far as asked for."""
        if not (by_event and self.tree.event_fact):
            yield from self._by_region(None, None, by_region)
            return
        years = self.event_years(self.tree.event_fact)
        known = years.present
        for year in np.unique(years.values[known]).tolist():
            yield from self._by_region(known & (years.values == year), int(year), by_region)
        for state, event in ((UNKNOWN, None), (INAPPLICABLE, NEVER)):
            mask = years.state == state
            if mask.any():
                yield from self._by_region(mask, event, by_region)

    def _by_region(self, mask: Mask | None, event: int | str | None, by_region: bool) -> Iterator[Group]:
        if not by_region:
            yield mask, self.situation(event)
            return
        codes, names = self._regions()
        for number, name in enumerate(names):
            here = codes == number
            inside = here if mask is None else mask & here
            if inside.any():
                yield inside, self.situation(event, name)

    def _regions(self) -> tuple[NDArray[np.int64], list[str]]:
        """Number of each row's region, and the regions' codes; the context's where it is unknown."""
        column = self.frame.value("region") if "region" in self.frame.catalogue else Column.blank(len(self))
        names = [str(label) for label in column.labels or ()]
        return np.where(column.present, column.values, len(names)), [*names, self.context.region]


def over_groups(scene: Scene, node: object, made: Callable[[Situation], Column]) -> Column:
    """One column put together from what each group of rows gives."""
    whole: Column | None = None
    for mask, situation in scene.groups(*dependence(node)):
        column = made(situation)
        if mask is not None:
            column = replace(column, state=np.where(mask, column.state, UNKNOWN).astype(np.uint8))
        whole = column if whole is None else column.over(whole)
    return Column.blank(len(scene)) if whole is None else whole


def dependence(node: object) -> tuple[bool, bool]:
    """Whether a leaf or quantity hangs on the event's year, and on the region."""
    periods: list[Period | None] = []
    operands: list[object] = []
    if isinstance(node, Period):
        periods.append(node)
    elif isinstance(node, FigureRef):
        operands.append(node)
    else:
        periods += [getattr(node, name, None) for name in ("period", "obtained", "start", "end")]
        if isinstance(node, Compare | Over):
            operands += node.value if isinstance(node.value, tuple) else [node.value]
    figures = [operand for operand in operands if isinstance(operand, FigureRef)]
    periods += [figure.on for figure in figures if isinstance(figure.on, Period)]
    relative = any(isinstance(operand, RelativeYear) and operand.base is Base.E for operand in operands)
    by_event = relative or any(period is not None and period.base is Base.E for period in periods)
    return by_event, bool(figures)


def _completed(column: Column) -> Column:
    """Where nothing is recorded: the empty set."""
    nothing: frozenset[str] = frozenset()
    labels = (*(column.labels or ()), nothing)
    unknown = column.state == UNKNOWN
    values = np.where(unknown, len(labels) - 1, column.values)
    return Column(values, np.where(unknown, PRESENT, column.state).astype(np.uint8), labels)
