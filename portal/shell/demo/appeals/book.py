"""A year of appeals in memory: rows as the services would have written them, moment by moment.

`Paper` is an appeal, `Sheet` an order; both keep the row as it is inserted and every change after it, because
the database lets a row begin in its first state only and move along the edges of its machine. Clocks are
reckoned by the kernel's spans. What each step of a service writes stands in `case`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone

from appeals.enums import LIVE, Complexity, Intake, OrderKind, OrderState, Source
from appeals.models import (
    Answer,
    Appeal,
    AppealEvent,
    Assignment,
    OrderClock,
    OrderEvent,
    Promise,
    Rating,
    SharedProblem,
    Survey,
    WorkOrder,
)
from appeals.models.clock import ASKED_BACK
from portal.kernel.spans import Pause, Span, Unit, pauses_in
from portal.kernel.transitions import Machine
from portal.kernel.workdays import Calendar

Moment = dt.datetime
ASKED: Final = {"stop": {"ask"}, "go": {"reply"}}


class NotYet(Exception):  # noqa: N818 - no error: the story has reached the present
    """What comes next lies in the future."""


class Changing:
    """A row as it is inserted, and what becomes of it, change by change."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.changes: list[dict[str, Any]] = []
        self._now: dict[str, Any] = {}

    def change(self, **values: Any) -> None:
        """The row changes."""
        self.changes.append(values)
        self._now |= values

    def now(self, name: str) -> Any:
        """A field as it is by now."""
        return self._now[name] if name in self._now else getattr(self.row, name)


class Paper(Changing):
    """An appeal with its events and orders."""

    def __init__(self, row: Appeal) -> None:
        super().__init__(row)
        self.events: list[AppealEvent] = []
        self.sheets: list[Sheet] = []

    @property
    def lead(self) -> Sheet:
        """The newest lead order."""
        return [sheet for sheet in self.sheets if sheet.row.kind == OrderKind.LEAD][-1]

    @property
    def accepted(self) -> bool:
        """Whether the desk has taken it."""
        return bool(self.now("intake") == Intake.ACCEPTED)


class Sheet(Changing):
    """An order with its events and clocks."""

    def __init__(self, row: WorkOrder, paper: Paper) -> None:
        super().__init__(row)
        self.paper = paper
        self.events: list[OrderEvent] = []
        self.clocks: list[OrderClock] = []

    @property
    def live(self) -> bool:
        """Whether something is still to be done."""
        return self.now("state") in LIVE

    @property
    def span(self) -> str:
        """The target of the clock for the work itself, as `placing.span_of`."""
        if self.row.kind == OrderKind.SUPERVISION:
            return "supervision"
        if self.row.round > 1:
            return "second"
        return "reply" if self.paper.row.source == Source.TALK else str(self.paper.now("complexity"))

    def running(self, target: str | None = None) -> list[OrderClock]:
        """Clocks not met, of one target or of all."""
        return [each for each in self.clocks if each.met_at is None and target in (None, each.target)]

    def due(self, target: str) -> Moment:
        """When the running clock of the target ends."""
        return self.running(target)[0].due_at


@dataclass
class Book:
    """Everything written so far, up to the present."""

    now: Moment
    spans: dict[str, Span]
    calendar: Calendar = field(default_factory=Calendar.load)
    papers: list[Paper] = field(default_factory=list)
    problems: list[SharedProblem] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def sheets(self) -> Iterable[Sheet]:
        """All orders, in the order they were made within their appeal."""
        return (sheet for paper in self.papers for sheet in paper.sheets)

    def number(self, at: Moment) -> str:
        """The next number of the month: appeals are written in the order of their filing."""
        month = f"{timezone.localdate(at):%Y-%m}"
        self.numbers[month] = self.numbers.get(month, 0) + 1
        return f"SQ-{month}-{self.numbers[month]:04d}"

    def open_paper(self, row: Appeal) -> Paper:
        """A new appeal."""
        paper = Paper(row)
        self.papers.append(paper)
        return paper

    def open_sheet(self, paper: Paper, at: Moment, kind: str = OrderKind.LEAD) -> Sheet:
        """A new order of the appeal's present round."""
        row = WorkOrder(appeal=paper.row, round=paper.now("round"), kind=kind, created_at=at)
        sheet = Sheet(row, paper)
        paper.sheets.append(sheet)
        return sheet

    def open_problem(self, paper: Paper, title: str, by: Any, at: Moment) -> SharedProblem:
        """A shared problem that the appeal leads."""
        region = paper.row.region
        problem = SharedProblem(title=title, lead=paper.row, region=region, created_by=by, created_at=at)
        self.problems.append(problem)
        return problem

    # Clocks, as `appeals.deadlines`

    def begin(self, sheet: Sheet, target: str, at: Moment, span: Span | None = None) -> None:
        """Start the clock of that target; one that runs already goes on."""
        if sheet.running(target):
            return
        span = span or self.spans[target]
        clock = OrderClock(
            order=sheet.row,
            target=target,
            number=span.number,
            unit=span.unit,
            warning=span.warning,
            started_at=at,
        )
        self._reckon(clock, ())
        sheet.clocks.append(clock)

    def begin_until(self, sheet: Sheet, target: str, day: dt.date, at: Moment) -> None:
        """Start a clock that ends with a day of its own."""
        days = (day - timezone.localdate(at)).days
        self.begin(sheet, target, at, Span(days, Unit.DAYS, min(self.spans[target].warning, days)))

    def meet(self, sheet: Sheet, target: str | None, at: Moment) -> None:
        """What the target (or every one) asks for is done; a late clock was found late meanwhile."""
        pauses = [Pause(pause.start, pause.end or at) for pause in _pauses(sheet)]
        for clock in sheet.running(target):
            _mark(clock, at)
            if pauses:
                self._reckon(clock, pauses)
            clock.met_at, clock.paused_at = at, None
            if clock.due_at <= at:
                clock.breached_at = clock.due_at

    def reckon(self, sheet: Sheet, at: Moment) -> None:
        """Work out the running clocks anew, after the enterprise was asked or has answered."""
        for clock in sheet.running():
            _mark(clock, at)
            self._reckon(clock, _pauses(sheet))

    def stop(self, sheet: Sheet, at: Moment) -> None:
        """The order is over: whatever runs ends with it."""
        self.meet(sheet, None, at)

    def forget(self, sheet: Sheet, target: str) -> None:
        """The running clock of the target never began."""
        sheet.clocks = [each for each in sheet.clocks if each.met_at or each.target != target]

    def mark(self) -> None:
        """What is near its end at present, or past it, has been found so."""
        for sheet in self.sheets:
            for clock in sheet.running():
                _mark(clock, self.now)

    def _reckon(self, clock: OrderClock, pauses: Sequence[Pause]) -> None:
        span = clock.span
        due = span.due(clock.started_at, self.calendar, pauses)
        still = [pause.start for pause in pauses if pause.end is None and pause.start < due]
        clock.due_at = due
        clock.warn_at = max(clock.started_at, span.warn(due, self.calendar))
        clock.provisional = span.is_provisional(clock.started_at, due, self.calendar)
        clock.paused_at = still[0] if still else None

    # Events, as `transitions.advance` and `steps.record`

    def advance(
        self, changing: Paper | Sheet, name: str, at: Moment, *, by: Any, comment: str = "", **more: Any
    ) -> None:
        """Take a transition; `changes` change with the state. Raises ValueError where there is no edge."""
        model = type(changing.row)
        machine: Machine = model.machine
        step, source = machine[name], changing.now(machine.field)
        if source not in step.sources:
            raise ValueError(f"{name}: {source}")
        changing.change(**{**more.get("changes", {}), machine.field: step.target})
        self._write(changing, name, at, by, comment, (source, step.target), public=more.get("public", False))

    def record(
        self,
        changing: Paper | Sheet,
        name: str,
        at: Moment,
        *,
        by: Any,
        comment: str = "",
        public: bool = False,
    ) -> None:
        """Write down what changes no state."""
        before = [event.target for event in changing.events if event.at <= at]
        state = before[-1] if before else type(changing.row).machine.initial
        self._write(changing, name, at, by, comment, (state, state), public=public)

    def _write(
        self,
        changing: Paper | Sheet,
        name: str,
        at: Moment,
        by: Any,
        comment: str,
        edge: tuple[str, str],
        *,
        public: bool,
    ) -> None:
        model: Any = AppealEvent if isinstance(changing, Paper) else OrderEvent
        changing.events.append(
            model(
                subject=changing.row,
                actor=by,
                at=at,
                name=name,
                source=edge[0],
                target=edge[1],
                comment=comment,
                public=public,
            )
        )


def _mark(clock: OrderClock, at: Moment) -> None:
    """As `ClockQuerySet.mark`, which runs every minute."""
    if clock.paused_at is not None:
        return
    if clock.warned_at is None and clock.warn_at <= at:
        clock.warned_at = clock.warn_at
    if clock.breached_at is None and clock.due_at <= at:
        clock.breached_at = clock.due_at


def _pauses(sheet: Sheet) -> list[Pause]:
    """As `OrderClock.pauses`."""
    asked = pauses_in(sheet.events, **ASKED)
    return sorted([*asked, *pauses_in(sheet.paper.events, **ASKED_BACK)], key=lambda pause: pause.start)


def usual(category: Any) -> str:
    """The complexity that a category brings."""
    return str(category.complexity) if category else Complexity.SINGLE


def is_unheld(sheet: Sheet) -> bool:
    """Whether nobody works on it: it waits, is open to be grabbed, or came back."""
    return sheet.now("state") in (OrderState.WAITING, OrderState.OPEN, OrderState.RETURNED)
