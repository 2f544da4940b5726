"""Telling a story of the demo's year to the services, each step at its own moment, and what came of it."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from appeals import dispatching, filing, grabbing, handling, intake, picking, ratings, surveying, windows
from appeals.models import Appeal, OrderClock, Provider, WorkOrder
from portal.shell.demo.appeals.case import Case, Told

NUMBER = re.compile(r"SQ-\d{4}-\d{2}-\d{4,}")


@contextmanager
def moment(at: dt.datetime) -> Iterator[None]:
    """The clock of this process stands at `at`; the one UPDATE of a grab reads the database's, which too."""

    class Standing(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dt.datetime:
            return at.astimezone(tz)

    take = grabbing._TAKE.replace("clock_timestamp()", f"'{at.isoformat()}'::timestamptz")
    with patch("django.utils.timezone.datetime", Standing), patch.object(grabbing, "_TAKE", take):
        yield


def group_of(case: Case, every: list[Case]) -> list[Case]:
    """The case with those that it is merged into, shared with, or led by."""
    group = [case]
    for each in group:
        for step in each.told:
            group += [other for other in linked(step) if other not in group]
        group += [
            other for other in every if other not in group and any(each in linked(s) for s in other.told)
        ]
    return group


def linked(step: Told) -> list[Case]:
    return [*step.given.get("others", ()), *([step.given["into"]] if "into" in step.given else [])]


class Services:
    """The real services, told what the demo tells its book."""

    def __init__(self) -> None:
        self.appeals: dict[int, Appeal] = {}

    def hear(self, group: list[Case], until: dt.datetime) -> None:
        """The steps of a group of cases, in the order of their moments."""
        steps = [(case, step) for case in group for step in case.told]
        for case, step in sorted(steps, key=lambda each: each[1].at):
            with moment(step.at):
                OrderClock.objects.mark(step.at)
                getattr(self, step.name)(case, step.at, **step.given)
        OrderClock.objects.mark(until)

    def of(self, case: Case) -> Appeal:
        return Appeal.objects.get(pk=self.appeals[id(case)].pk)

    def lead(self, case: Case) -> WorkOrder:
        return self.of(case).orders.filter(kind="lead").latest("pk")

    def file(
        self, case: Case, at: dt.datetime, *, enterprise: Any, filing: Any, by: Any, source: str
    ) -> None:
        self.appeals[id(case)] = _filing.file_appeal(enterprise, filing, by=by, source=source)

    def pick(
        self, case: Case, at: dt.datetime, *, enterprise: Any, filing: Any, service: Any, by: Any
    ) -> None:
        self.appeals[id(case)] = picking.pick_service(enterprise, service, filing, by=by)

    def ask_back(self, case: Case, at: dt.datetime, **given: Any) -> None:
        intake.ask_back(self.of(case), given["question"], by=given["by"])

    def supplement(self, case: Case, at: dt.datetime, **given: Any) -> None:
        _filing.supplement(self.of(case), given["text"], by=given["by"])

    def refuse(self, case: Case, at: dt.datetime, **given: Any) -> None:
        intake.refuse(self.of(case), given["advice"], by=given["by"])

    def withdraw(self, case: Case, at: dt.datetime, **given: Any) -> None:
        _filing.withdraw(self.of(case), given["reason"], by=given["by"])

    def chase(self, case: Case, at: dt.datetime, **given: Any) -> None:
        _filing.chase(self.of(case), **given)

    def merge(self, case: Case, at: dt.datetime, **given: Any) -> None:
        intake.merge(self.of(case), self.of(given["into"]), by=given["by"])

    def share(self, case: Case, at: dt.datetime, **given: Any) -> None:
        cases = [case, *given["others"]]
        intake.share([self.of(each) for each in cases], given["title"], by=given["by"])

    def reopen(self, case: Case, at: dt.datetime, **given: Any) -> None:
        surveying.reopen(self.of(case), given["reason"], by=given["by"])

    def dispatch(self, case: Case, at: dt.datetime, *, target: Any, **given: Any) -> None:
        dispatching.dispatch(self.lead(case), target, **given)

    def return_order(self, case: Case, at: dt.datetime, *, reason: str, rightful: Any, by: Any) -> None:
        dispatching.return_order(self.lead(case), reason, rightful, by=by)

    def decide(self, case: Case, at: dt.datetime, *, target: Any, note: str, by: Any) -> None:
        dispatching.decide(self.lead(case), target, note, by=by)

    def transfer(self, case: Case, at: dt.datetime, *, target: Any, reason: str, by: Any) -> None:
        dispatching.transfer(self.lead(case), target, reason, by=by)

    def open_grab(self, case: Case, at: dt.datetime, **given: Any) -> None:
        dispatching.open_grab(self.lead(case), **given)

    def close_grab(self, case: Case, at: dt.datetime) -> None:
        assert windows.close_ended(at) == 1

    def grab(self, case: Case, at: dt.datetime, *, provider: Provider, by: Any) -> None:
        assert grabbing.grab(self.lead(case).pk, provider, by=by).won

    def decline(self, case: Case, at: dt.datetime, **given: Any) -> None:
        picking.decline(self.lead(case), given["reason"], by=given["by"])

    def fall(self, case: Case, at: dt.datetime) -> None:
        assert picking.fall_to_hall(at) == 1

    def accept(self, case: Case, at: dt.datetime, *, by: Any, sheet: int | None) -> None:
        handling.accept(self._order(case, sheet), by=by)

    def note(self, case: Case, at: dt.datetime, *, text: str, **given: Any) -> None:
        handling.note(self.lead(case), text, **given)

    def ask(self, case: Case, at: dt.datetime, *, question: str, by: Any) -> None:
        handling.ask(self.lead(case), question, by=by)

    def reply(self, case: Case, at: dt.datetime, *, text: str, by: Any) -> None:
        handling.reply(self.lead(case), text, by=by)

    def answer(self, case: Case, at: dt.datetime, *, sheet: int | None, **given: Any) -> None:
        order = self._order(case, sheet)
        handling.answer(order, given["outcome"], given["text"], by=given["by"], promise=given["promise"])

    def keep_promise(self, case: Case, at: dt.datetime, *, note: str, by: Any) -> None:
        handling.keep_promise(self.lead(case).promises.get(kept_at=None), note, by=by)

    def survey(self, case: Case, at: dt.datetime, **given: Any) -> None:
        said = (given["satisfaction"], given["solved"], given["comment"])
        surveying.survey(self.lead(case), *said, by=given["by"], by_phone=given["by_phone"])

    def close_unrated(self, case: Case, at: dt.datetime) -> None:
        assert surveying.close_unrated(at) == 1

    def supervise(self, case: Case, at: dt.datetime, *, reason: str, by: Any) -> None:
        surveying.supervise(self.of(case), reason, by=by)

    def finish(self, case: Case, at: dt.datetime, *, by: Any) -> None:
        handling.finish(self.of(case).orders.get(kind="supervision"), by=by)

    def rate(self, case: Case, at: dt.datetime, *, side: Any, stars: int, comment: str, by: Any) -> None:
        ratings.rate(self.lead(case), side, stars, comment, by=by)

    def _order(self, case: Case, sheet: int | None) -> WorkOrder:
        return self.lead(case) if sheet is None else self.of(case).orders.order_by("pk")[sheet]


_filing = filing
APPEAL = (
    *(
        "intake",
        "status",
        "round",
        "complexity",
        "category_id",
        "title",
        "text",
        "contact_name",
        "place",
        "region",
    ),
    *("source", "urgent", "secrecy", "about_id", "anonymous", "submitted_by_id", "submitted_at", "chased_at"),
)
ORDER = (
    *("round", "kind", "mode", "department_id", "section_id", "provider_id", "service_id", "leader_id"),
    *("handler_id", "window_from", "window_to", "rightful_id", "returns", "state", "created_at", "held_at"),
    "answered_at",
)
EVENT = ("name", "source", "target", "actor_id", "at", "comment", "public")
CLOCK = (
    *("target", "number", "unit", "warning", "started_at", "warn_at", "due_at", "provisional", "paused_at"),
    *("met_at", "warned_at", "breached_at"),
)
ROWS = {
    "events": EVENT,
    "clocks": CLOCK,
    "assignments": (
        "department_id",
        "section_id",
        "provider_id",
        "leader_id",
        "handler_id",
        "why",
        "note",
        "by_id",
        "at",
    ),
    "answers": ("outcome", "text", "by_id", "at"),
    "promises": ("text", "due_on", "made_at", "kept_at", "kept_note"),
    "ratings": ("provider_id", "side", "stars", "comment", "by_id"),
}


def seen(appeal: Appeal) -> dict[str, Any]:
    """All that is known of an appeal but ids, numbers and the moments that the database itself writes."""
    orders = []
    for order in appeal.orders.order_by("pk"):
        survey = getattr(order, "survey", None)
        found: dict[str, Any] = {"order": _values(order, ORDER)}
        for name, fields in ROWS.items():
            found[name] = [_values(row, fields) for row in getattr(order, name).order_by("pk")]
        found["survey"] = survey and _values(
            survey, ("satisfaction", "solved", "comment", "by_id", "by_phone")
        )
        orders.append(found)
    return {
        "appeal": _values(appeal, APPEAL),
        "merged": appeal.merged_into_id is not None,
        "shared": appeal.problem.title if appeal.problem else None,
        "events": [_values(event, EVENT) for event in appeal.events.order_by("pk")],
        "orders": orders,
    }


def _values(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    values = {field: getattr(row, field) for field in fields}
    return {
        name: NUMBER.sub("SQ", value) if isinstance(value, str) else value for name, value in values.items()
    }
