"""An appeal with its orders, and what several steps of a `Case` do to them: given, answered, called off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from appeals.dispatching import Target
from appeals.enums import Mode, OrderKind, OrderState, Outcome, Why
from appeals.models import Answer, Assignment, Promise
from portal.accounts.models import Officer, User
from portal.shell.demo.appeals.book import Book, Moment, Paper, Sheet
from portal.shell.demo.appeals.county import Staff

Says = tuple[str, str, tuple[str, dt.date] | None]
"""An answer: its outcome, its text, and what is promised for which day."""


@dataclass(frozen=True, slots=True)
class Grant:
    """By whom, when and why an order is given."""

    by: User | None
    at: Moment
    why: str = Why.MANUAL
    note: str = ""


class Docket:
    """An appeal and its orders, as far as they are written."""

    paper: Paper

    def __init__(self, book: Book, staff: Staff) -> None:
        self.book, self.staff = book, staff
        self.dissatisfied = 0

    @property
    def lead(self) -> Sheet:
        """The newest lead order."""
        return self.paper.lead

    @property
    def supervision(self) -> Sheet:
        """The order put under supervision."""
        return next(sheet for sheet in self.paper.sheets if sheet.row.kind == OrderKind.SUPERVISION)

    def next_round(self, at: Moment) -> Sheet:
        """Another lead order, of the next round."""
        self.paper.change(round=max(sheet.row.round for sheet in self.paper.sheets) + 1)
        return self.book.open_sheet(self.paper, at)

    def receive(self, sheet: Sheet, by: User | None, at: Moment) -> None:
        """The desk has taken it: the clock of the work begins."""
        if not self.paper.accepted:
            self.book.advance(self.paper, "accept_appeal", at, by=by, public=True)
        self.book.meet(sheet, "receive", at)
        self.book.begin(sheet, sheet.span, at)

    def give(self, sheet: Sheet, step: str, target: Target, grant: Grant) -> None:
        """Give the order to a department, by the `step` of that name; who is away has somebody stand in."""
        given: dict[str, Any] = {"department": target.department, "section": target.section}
        stand_ins = []
        for name in ("leader", "handler"):
            officer: Officer | None = getattr(target, name)
            present = given[name] = self.staff.present(officer, timezone.localdate(grant.at))
            if officer is not None and present != officer:
                stand_ins.append(f"{officer.name}不在岗，由{present.name if present else ''}代办")
        emptied = {"mode": Mode.DISPATCH, "provider": None, "window_from": None, "window_to": None}
        holder = target.section or target.department
        self.book.advance(
            sheet,
            step,
            grant.at,
            by=grant.by,
            comment=f"由{holder}承办",
            changes={**emptied, **given, "held_at": grant.at, "rightful": None},
            public=sheet.row.kind != OrderKind.CO,
        )
        why = Why.SUBSTITUTE if stand_ins and grant.why == Why.MANUAL else grant.why
        note = "；".join(filter(None, [grant.note, *stand_ins]))
        self.assign(sheet, given, replace(grant, why=why, note=note))
        self.book.begin(sheet, "accept", grant.at)

    def assign(self, sheet: Sheet, given: dict[str, Any], grant: Grant) -> None:
        """Write down who has it and why."""
        told = {"why": grant.why, "note": grant.note, "by": grant.by, "at": grant.at}
        self.book.assignments.append(Assignment(order=sheet.row, **given, **told))

    def conclude(self, sheet: Sheet, at: Moment, says: Says, by: User) -> None:
        """Answer the order; the lead order's answer ends those beside it."""
        outcome, text, promise = says
        public = sheet.row.kind != OrderKind.CO
        changes = {"answered_at": at}
        self.book.advance(sheet, "answer", at, by=by, comment=text, changes=changes, public=public)
        self.book.answers.append(Answer(order=sheet.row, outcome=Outcome(outcome), text=text, by=by, at=at))
        self.book.stop(sheet, at)
        if promise is not None:
            what, due_on = promise
            self.book.promises.append(Promise(order=sheet.row, text=what, due_on=due_on, made_at=at))
            self.book.begin_until(sheet, "promise", due_on, at)
        if sheet.row.kind != OrderKind.LEAD:
            return
        beside = [each for each in self.paper.sheets if each.row.kind == OrderKind.CO]
        for each in beside:
            if each.now("state") == OrderState.ANSWERED:
                self.book.advance(each, "close", at, by=by)
        self.cancel(beside, "主办单位已答复", by, at)
        if promise is None:
            self.book.begin(sheet, "survey", at)

    def cancel(self, sheets: Iterable[Sheet], reason: str, by: User | None, at: Moment) -> None:
        """Call off what still lives of the orders."""
        for sheet in sheets:
            if sheet.live:
                self.book.advance(sheet, "cancel", at, by=by, comment=reason)
                self.book.stop(sheet, at)

    def reckon(self, at: Moment) -> None:
        """Work out the clocks of every order anew."""
        for sheet in self.paper.sheets:
            self.book.reckon(sheet, at)
