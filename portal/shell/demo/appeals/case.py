"""One appeal as it goes through hands: each step writes into the `Book` what the service of its name does.

A step is noted in `told` with its moment and what it was given, so that a test can tell the same story to
the services and compare. A step that lies in the future raises `NotYet`. Messages are not written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from appeals.dispatching import MEDIATED_FROM, UNHELD, Target
from appeals.enums import (
    Complexity,
    Mode,
    OrderKind,
    OrderState,
    Satisfaction,
    Source,
    Why,
)
from appeals.filing import Filing
from appeals.models import Appeal, Provider, Rating, ServiceItem, Survey
from appeals.picking import WINDOW
from portal.accounts.models import User
from portal.shell.demo.appeals import following, higher
from portal.shell.demo.appeals.book import Book, Moment, NotYet, Sheet, usual
from portal.shell.demo.appeals.county import Staff
from portal.shell.demo.appeals.docket import Docket, Grant

IN_THE_HALL: Final = {"mode": Mode.GRAB, "provider": None, "held_at": None}


@dataclass(frozen=True, slots=True)
class Told:
    """A step as it was told: which service, when, and with what."""

    name: str
    at: Moment
    given: dict[str, Any]


class Case(Docket):
    """An appeal and its orders, step by step."""

    def __init__(self, book: Book, staff: Staff) -> None:
        super().__init__(book, staff)
        self.told: list[Told] = []
        self.followers: list[Case] = []
        """Cases of the same shared problem, which this one leads."""

    def _tell(self, name: str, at: Moment, **given: Any) -> None:
        if at > self.book.now:
            raise NotYet
        self.told.append(Told(name, at, given))

    # The enterprise and the desk

    def file(self, at: Moment, enterprise: Any, filing: Filing, by: User | None, source: str) -> None:
        self._tell("file", at, enterprise=enterprise, filing=filing, by=by, source=source)
        self._open(at, enterprise, filing, by, source)

    def _open(self, at: Moment, enterprise: Any, filing: Filing, by: User | None, source: str) -> None:
        row = Appeal(
            number=self.book.number(at),
            enterprise=enterprise,
            source=source,
            complexity=usual(filing.category),
            submitted_by=by,
            submitted_at=at,
            **filing.fields(),
        )
        self.paper = self.book.open_paper(row)
        sheet = self.book.open_sheet(self.paper, at)
        self.book.begin(sheet, "receive", at)
        self.book.record(self.paper, "submit", at, by=by, public=True)

    def ask_back(self, at: Moment, question: str, by: User) -> None:
        self._tell("ask_back", at, question=question, by=by)
        self.book.advance(self.paper, "ask_back", at, by=by, comment=question, public=True)
        self.reckon(at)

    def supplement(self, at: Moment, text: str, by: User | None) -> None:
        self._tell("supplement", at, text=text, by=by)
        self.book.advance(self.paper, "supplement", at, by=by, comment=text, public=True)
        self.reckon(at)

    def refuse(self, at: Moment, advice: str, by: User) -> None:
        self._tell("refuse", at, advice=advice, by=by)
        self.book.advance(self.paper, "refuse", at, by=by, comment=advice, public=True)
        self.cancel(self.paper.sheets, "不予受理", by, at)

    def withdraw(self, at: Moment, reason: str, by: User | None) -> None:
        self._tell("withdraw", at, reason=reason, by=by)
        self.book.advance(self.paper, "withdraw", at, by=by, comment=reason, public=True)
        self.cancel(self.paper.sheets, "企业撤回诉求", by, at)

    def chase(self, at: Moment, by: User | None) -> None:
        self._tell("chase", at, by=by)
        self.paper.change(chased_at=at)
        self.book.record(self.paper, "chase", at, by=by, public=True)

    def merge(self, at: Moment, into: Case, by: User) -> None:
        self._tell("merge", at, into=into, by=by)
        comment = f"已并入 {into.paper.row.number} 一并办理"
        changes = {"merged_into": into.paper.row}
        self.book.advance(self.paper, "merge", at, by=by, comment=comment, changes=changes, public=True)
        self.cancel(self.paper.sheets, comment, by, at)
        joined = f"{self.paper.row.number} 并入本件"
        self.book.record(into.paper, "merged", at, by=by, comment=joined, public=True)

    def share(self, at: Moment, others: Sequence[Case], title: str, by: User) -> None:
        self._tell("share", at, others=others, title=title, by=by)
        following.share((self, *others), title, by, at)
        self.followers = list(others)

    def reopen(self, at: Moment, reason: str, by: User | None) -> None:
        self._tell("reopen", at, reason=reason, by=by)
        sheet = self.next_round(at)
        self.book.begin(sheet, "receive", at)
        self.book.record(self.paper, "reopen", at, by=by, comment=reason, public=True)

    # Handing out

    def dispatch(self, at: Moment, target: Target, by: User, co: Sequence[Target] = ()) -> None:
        self._tell("dispatch", at, target=target, by=by, co=co)
        lead, grant = self.lead, Grant(by, at)
        talk = self.paper.row.source == Source.TALK
        if co and lead.row.round == 1 and self.paper.now("complexity") != Complexity.JOINT and not talk:
            self.book.forget(lead, lead.span)
            self.paper.change(complexity=Complexity.JOINT)
        self.receive(lead, by, at)
        self.give(lead, "dispatch", target, grant)
        for other in co:
            sheet = self.book.open_sheet(self.paper, at, OrderKind.CO)
            self.give(sheet, "dispatch", other, grant)
            self.book.begin(sheet, sheet.span, at)
        for each in self.followers:
            following.give_likewise(each, self, by, at)

    def return_order(self, at: Moment, reason: str, rightful: Any, by: User) -> None:
        self._tell("return_order", at, reason=reason, rightful=rightful, by=by)
        lead = self.lead
        returns = lead.now("returns") + 1
        self.book.advance(
            lead,
            "return_order",
            at,
            by=by,
            comment=f"应由{rightful}承办：{reason}",
            changes={"returns": returns, "rightful": rightful},
        )
        self.book.meet(lead, "accept", at)
        if returns >= MEDIATED_FROM:
            self.book.advance(lead, "mediate", at, by=by)
            self.book.begin(lead, "mediation", at)

    def decide(self, at: Moment, target: Target, note: str, by: User) -> None:
        self._tell("decide", at, target=target, note=note, by=by)
        self.give(self.lead, "decide", target, Grant(by, at, Why.MEDIATED, note))
        self.book.meet(self.lead, "mediation", at)

    def transfer(self, at: Moment, target: Target, reason: str, by: User) -> None:
        self._tell("transfer", at, target=target, reason=reason, by=by)
        self.give(self.lead, "transfer", target, Grant(by, at, Why.TRANSFER, reason))

    def open_grab(self, at: Moment, by: User, hours: int = 24) -> None:
        self._tell("open_grab", at, by=by, hours=hours)
        self.receive(self.lead, by, at)
        window = {"mode": Mode.GRAB, "window_from": at, "window_to": at + dt.timedelta(hours=hours)}
        self.book.advance(self.lead, "open_grab", at, by=by, changes=UNHELD | window, public=True)

    def close_grab(self, at: Moment) -> None:
        self._tell("close_grab", at)
        self.book.advance(self.lead, "close_grab", at, by=None, changes=dict(UNHELD))

    def grab(self, at: Moment, provider: Provider, by: User) -> None:
        self._tell("grab", at, provider=provider, by=by)
        lead, taken = self.lead, {"mode": Mode.GRAB, "provider": provider, "held_at": at}
        self.book.advance(lead, "grab", at, by=by, comment=provider.name, changes=taken, public=True)
        self.assign(lead, {"provider": provider}, Grant(by, at, Why.GRABBED))
        self.book.begin(lead, lead.span, at)

    def pick(self, at: Moment, enterprise: Any, filing: Filing, service: ServiceItem, by: User) -> None:
        self._tell("pick", at, enterprise=enterprise, filing=filing, service=service, by=by)
        filing, provider = replace(filing, category=service.category), service.provider
        self._open(at, enterprise, filing, by, Source.PORTAL)
        lead = self.lead
        holder = {"mode": Mode.PICK, "provider": provider, "service": service, "held_at": at}
        comment = f"{provider.name}：{service.name}"
        self.book.advance(lead, "pick", at, by=by, comment=comment, changes=holder, public=True)
        self.assign(lead, {"provider": provider}, Grant(by, at, Why.PICKED))
        self.receive(lead, None, at)
        self.book.begin(lead, "pick", at)

    def decline(self, at: Moment, reason: str, by: User) -> None:
        self._tell("decline", at, reason=reason, by=by)
        self._fall(at, reason, by)
        self.book.meet(self.lead, "pick", at)

    def fall(self, at: Moment) -> None:
        self._tell("fall", at)
        self._fall(at, "未在时限内答复，转抢单大厅", None)
        self.book.meet(self.lead, "pick", at)

    # Work

    def accept(self, at: Moment, by: User, sheet: Sheet | None = None) -> None:
        self._tell("accept", at, by=by, sheet=self._place(sheet))
        sheet = sheet or self.lead
        changes = {}
        if sheet.now("department") is not None and sheet.now("handler") is None:
            changes["handler"] = self.staff.officer_of(by, sheet.now("department"))
        public = sheet.row.kind != OrderKind.CO
        self.book.advance(sheet, "accept", at, by=by, changes=changes, public=public)
        for target in ("accept", "pick"):
            self.book.meet(sheet, target, at)
        for each in self.followers if sheet is self.lead else ():
            following.accept_likewise(each, by, at)

    def note(self, at: Moment, text: str, by: User, public: bool) -> None:
        self._tell("note", at, text=text, by=by, public=public)
        self.book.record(self.lead, "note", at, by=by, comment=text, public=public)

    def ask(self, at: Moment, question: str, by: User) -> None:
        self._tell("ask", at, question=question, by=by)
        self.book.advance(self.lead, "ask", at, by=by, comment=question, public=True)
        self.book.reckon(self.lead, at)

    def reply(self, at: Moment, text: str, by: User | None) -> None:
        self._tell("reply", at, text=text, by=by)
        self.book.advance(self.lead, "reply", at, by=by, comment=text, public=True)
        self.book.reckon(self.lead, at)

    def answer(
        self,
        at: Moment,
        outcome: str,
        text: str,
        by: User,
        promise: tuple[str, dt.date] | None = None,
        sheet: Sheet | None = None,
    ) -> None:
        self._tell("answer", at, outcome=outcome, text=text, by=by, promise=promise, sheet=self._place(sheet))
        self.conclude(sheet or self.lead, at, (outcome, text, promise), by)
        for each in self.followers if sheet is None else ():
            following.conclude_likewise(each, (outcome, text, promise), by, at)

    def keep_promise(self, at: Moment, note: str, by: User) -> None:
        self._tell("keep_promise", at, note=note, by=by)
        lead = self.lead
        promise = next(each for each in self.book.promises if each.order is lead.row)
        promise.kept_at, promise.kept_note = at, note
        self.book.meet(lead, "promise", at)
        self.book.record(lead, "keep_promise", at, by=by, comment=note, public=True)
        if lead.now("state") == OrderState.ANSWERED:
            self.book.begin(lead, "survey", at)

    # Afterwards

    def survey(
        self,
        at: Moment,
        satisfaction: str,
        solved: bool,
        comment: str,
        by: User | None,
        by_phone: bool = False,
    ) -> None:
        given = {"satisfaction": satisfaction, "solved": solved, "comment": comment, "by_phone": by_phone}
        self._tell("survey", at, by=by, **given)
        lead = self.lead
        row = Survey(order=lead.row, by=by, at=at, **given)
        self.book.surveys.append(row)
        comment_ = str(Satisfaction(satisfaction).label)
        self.book.advance(lead, "close", at, by=by, comment=comment_, public=True)
        self.book.meet(lead, "survey", at)
        if satisfaction == Satisfaction.DISSATISFIED:
            higher.go_higher(self, lead, comment, at)

    def close_unrated(self, at: Moment) -> None:
        self._tell("close_unrated", at)
        self.book.advance(self.lead, "close", at, by=None, comment="企业未评价", public=True)
        self.book.meet(self.lead, "survey", at)

    def supervise(self, at: Moment, reason: str, by: User) -> None:
        self._tell("supervise", at, reason=reason, by=by)
        higher.supervise(self, self.lead, Grant(by, at, Why.SUPERVISION, reason))

    def finish(self, at: Moment, by: User) -> None:
        self._tell("finish", at, by=by)
        sheet = self.supervision
        self.book.advance(sheet, "close", at, by=by, public=True)
        self.book.stop(sheet, at)

    def rate(self, at: Moment, side: str, stars: int, comment: str, by: User) -> None:
        self._tell("rate", at, side=side, stars=stars, comment=comment, by=by)
        provider, order = self.lead.now("provider"), self.lead.row
        row = Rating(order=order, provider=provider, side=side, stars=stars, comment=comment, by=by, at=at)
        self.book.ratings.append(row)

    # What several steps have in common

    def _place(self, sheet: Sheet | None) -> int | None:
        return None if sheet is None else self.paper.sheets.index(sheet)

    def _fall(self, at: Moment, words: str, by: User | None) -> None:
        comment = f"{self.lead.now('provider').name}：{words}"
        window = {"window_from": at, "window_to": at + WINDOW}
        changes = IN_THE_HALL | window
        self.book.advance(self.lead, "fall_to_grab", at, by=by, comment=comment, changes=changes, public=True)
