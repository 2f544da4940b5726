"""A shared problem, as `appeals.following`: what is done on the leading order is done for the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appeals.enums import OrderState, Why
from portal.accounts.models import User
from portal.shell.demo.appeals.book import Moment, is_unheld
from portal.shell.demo.appeals.docket import Docket, Grant, Says

HOLDER: Final = ("department", "section", "leader", "handler", "provider")


def share(every: Sequence[Docket], title: str, by: User, at: Moment) -> None:
    """Make one problem of them, which the first one leads."""
    comment = f"有 {len(every)} 家企业反映同样的问题，合并为一件共性问题统一办理"
    problem = every[0].book.open_problem(every[0].paper, title, by, at)
    for each in every:
        each.paper.change(problem=problem)
        each.book.record(each.paper, "share", at, by=by, comment=comment, public=True)


def give_likewise(docket: Docket, leader: Docket, by: User, at: Moment) -> None:
    """Given to whoever has the leading one, unless somebody works on it already."""
    sheet, other = docket.lead, leader.lead
    if not is_unheld(sheet):
        return
    docket.receive(sheet, by, at)
    given = {name: other.now(name) for name in HOLDER}
    emptied = {"rightful": None, "window_from": None, "window_to": None}
    holder = other.now("section") or other.now("department")
    docket.book.advance(
        sheet,
        "dispatch",
        at,
        by=by,
        comment=f"与同类诉求一并由{holder}承办",
        changes={**given, **emptied, "mode": other.now("mode"), "held_at": at},
        public=True,
    )
    note = f"共性问题，随 {leader.paper.row.number}"
    docket.assign(sheet, given, Grant(by, at, Why.MANUAL, note))
    docket.book.begin(sheet, "accept", at)


def accept_likewise(docket: Docket, by: User, at: Moment) -> None:
    """Taken on together with the leading one."""
    if docket.lead.now("state") == OrderState.OFFERED:
        docket.book.advance(docket.lead, "accept", at, by=by, public=True)
        docket.book.meet(docket.lead, "accept", at)


def conclude_likewise(docket: Docket, says: Says, by: User, at: Moment) -> None:
    """Answered with the same words."""
    if docket.lead.now("state") == OrderState.HANDLING:
        docket.conclude(docket.lead, at, says, by)
