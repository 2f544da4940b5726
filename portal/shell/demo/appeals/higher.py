"""Whoever is not satisfied is heard higher up, as in `appeals.surveying`: by a leader, then a supervisor."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from appeals.dispatching import Target
from appeals.enums import OrderKind, Why
from portal.shell.demo.appeals.book import Moment, Sheet
from portal.shell.demo.appeals.docket import Docket, Grant


def go_higher(docket: Docket, before: Sheet, comment: str, at: Moment) -> None:
    """The enterprise is dissatisfied with the order: a second handling, the next time supervision."""
    docket.dissatisfied += 1
    if docket.dissatisfied == 1:
        _second_handling(docket, before, Grant(None, at, Why.SECOND, comment))
    elif all(sheet.row.kind != OrderKind.SUPERVISION or not sheet.live for sheet in docket.paper.sheets):
        supervise(docket, before, Grant(None, at, Why.SUPERVISION, comment))


def supervise(docket: Docket, before: Sheet, grant: Grant) -> None:
    """Put the appeal under supervision: the highest officer present of whoever had it answers."""
    sheet = docket.book.open_sheet(docket.paper, grant.at, OrderKind.SUPERVISION)
    docket.book.begin(sheet, "supervision", grant.at)
    department = _answers_for(docket, before)
    if department is not None:
        highest = docket.staff.highest(department, timezone.localdate(grant.at))
        docket.give(sheet, "dispatch", Target(department, leader=highest), grant)
    docket.book.record(docket.paper, "supervise", grant.at, by=grant.by, comment="已转督办", public=True)


def _second_handling(docket: Docket, before: Sheet, grant: Grant) -> None:
    sheet = docket.next_round(grant.at)
    docket.book.begin(sheet, sheet.span, grant.at)
    department = _answers_for(docket, before)
    leader = docket.staff.higher(department, before, timezone.localdate(grant.at)) if department else None
    if department is not None and leader is not None:
        section = before.now("section") if department == before.now("department") else None
        docket.give(sheet, "dispatch", Target(department, section, leader), grant)
    else:
        docket.book.record(docket.paper, "second", grant.at, by=None)


def _answers_for(docket: Docket, sheet: Sheet) -> Any:
    provider = sheet.now("provider")
    department = sheet.now("department") or (provider.department if provider else None)
    return None if department is None or department == docket.paper.row.about else department
