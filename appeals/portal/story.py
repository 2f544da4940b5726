"""An appeal as its enterprise reads it: where it stands, who has it, until when, what was done and said.

Only what is public: co-orders' work, internal notes and returns between offices stay at the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from appeals.enums import LIVE, Intake, OrderKind, OrderState, Outcome, Satisfaction, Status
from appeals.models import Appeal, AppealEvent, Attachment, OrderClock, OrderEvent, WorkOrder

STEPS: Final = (_("提交"), _("受理"), _("接单"), _("办理"), _("答复"), _("评价"))
SECOND: Final = _("二次办理")
_AT: Final[dict[str, int]] = {
    Status.RECEIVED: 1,
    Status.ROUTING: 2,
    Status.OFFERED: 2,
    Status.HANDLING: 3,
    Status.SUPERVISED: 3,
    Status.PROMISED: 4,
    Status.ANSWERED: 5,
    Status.CLOSED: 6,
}
"""The step that a status is at."""
WORDS: Final[dict[str, Any]] = {
    Status.RECEIVED: _("诉求中心正在看，受理后会派给最合适的单位。"),
    Status.ASKED: _("正在等您补充情况，补充之前时限暂停。"),
    Status.ROUTING: _("已受理，诉求中心正在确定由哪个单位承办。"),
    Status.OFFERED: _("已派出，正在等承办单位接单。"),
    Status.HANDLING: _("承办单位正在办理。"),
    Status.SUPERVISED: _("已转督办，由单位负责人盯着办。"),
    Status.ANSWERED: _("已经答复，请看看是否满意。"),
    Status.PROMISED: _("承办单位作出了限时承诺，到期会告诉您结果。"),
    Status.CLOSED: _("已办结。问题又出现，可以要求重新办理。"),
    Status.REFUSED: _("这件事不在这里办，去哪里办写在下面。"),
    Status.MERGED: _("已和另一件诉求合并办理，办理情况看那一件。"),
    Status.WITHDRAWN: _("您已撤回这件诉求。"),
}
COLOURS: Final[dict[str, str]] = {
    Status.ASKED: "due",
    Status.ANSWERED: "due",
    Status.PROMISED: "due",
    Status.SUPERVISED: "late",
    Status.CLOSED: "done",
    Status.REFUSED: "plain",
    Status.MERGED: "plain",
    Status.WITHDRAWN: "plain",
}
CLOCKS: Final[dict[str, Any]] = {
    "receive": _("受理"),
    "accept": _("接单"),
    "pick": _("接单"),
    "simple": _("答复"),
    "single": _("答复"),
    "joint": _("答复"),
    "second": _("二次答复"),
    "supervision": _("督办答复"),
    "reply": _("会后答复"),
    "survey": _("请您评价"),
}
"""What is to be done until a clock's end; the promise speaks for itself."""
_NAMES: Final[dict[str, Any]] = {
    "submit": _("提交诉求"),
    "ask_back": _("诉求中心请您补充"),
    "supplement": _("您作了补充"),
    "chase": _("您催办了一次"),
    "withdraw": _("您撤回了诉求"),
    "reopen": _("您要求重新办理"),
    "merged": _("有诉求并入"),
    "share": _("列入共性问题"),
    "supervise": _("转督办"),
    "ask": _("承办单位请您补充"),
    "reply": _("您作了补充"),
    "note": _("办理进展"),
    "keep_promise": _("承诺兑现"),
    "open_grab": _("放到抢单大厅"),
    "grab": _("服务机构抢单"),
}
"""In the enterprise's words; other events are named as their transitions are."""
_UNDOES: Final = {
    "undo_dispatch": "dispatch",
    "undo_accept": "accept_appeal",
    "close_grab": "open_grab",
}
"""What was done by mistake and undone at once, which the enterprise need not read."""
_AGAIN: Final = _("不满意，转二次办理")
_SUPERVISED: Final = _("不满意，转督办")
OUTCOMES: Final[dict[str, str]] = {
    Outcome.SOLVED: "done",
    Outcome.EXPLAINED: "info",
    Outcome.PROMISED: "due",
    Outcome.UNABLE: "late",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: Any
    label: str
    comment: str


@dataclass(frozen=True)
class Story:
    """An appeal with its orders, oldest first."""

    appeal: Appeal
    orders: list[Any]

    @classmethod
    def of(cls, appeal: Appeal) -> Story:
        """Read with its orders and what they were answered; one query."""
        orders: QuerySet[WorkOrder] = WorkOrder.objects.filter(appeal=appeal)
        with_answers = orders.annotate(
            outcome=F("answers__outcome"),
            answer=F("answers__text"),
            promise=F("promises__text"),
            due_on=F("promises__due_on"),
            kept_at=F("promises__kept_at"),
            kept_note=F("promises__kept_note"),
        )  # an order is answered once and promises once, so that each stays one row
        related = ("department", "section__department", "provider", "leader", "handler", "survey")
        return cls(appeal, list(with_answers.select_related(*related).order_by("pk")))

    @cached_property
    def lead(self) -> Any:
        """The newest lead order, or None."""
        return next((one for one in reversed(self.orders) if one.kind == OrderKind.LEAD), None)

    @cached_property
    def live_lead(self) -> Any:
        """The lead order with something still to be done, or None."""
        return self.lead if self.lead is not None and self.lead.state in LIVE else None

    @property
    def holder(self) -> Any:
        """The order of who has the appeal now, a supervision before the lead; None while nobody has it."""
        watched = [one for one in self.orders if one.kind == OrderKind.SUPERVISION and one.state in LIVE]
        found = watched[-1] if watched else self.lead
        gone = (OrderState.CANCELLED, OrderState.RETURNED, OrderState.MEDIATION)
        return None if found is None or not found.holder or found.state in gone else found

    @property
    def helping(self) -> list[str]:
        """Who helps in this round."""
        rows = [one for one in self.orders if one.kind == OrderKind.CO and one.round == self.appeal.round]
        return [one.holder for one in rows if one.state != OrderState.CANCELLED and one.holder]

    @property
    def answered(self) -> list[tuple[Any, str, str]]:
        """Orders answered to the enterprise, the newest first, each with its outcome's name and colour."""
        rows = [one for one in self.orders if one.outcome and one.kind != OrderKind.CO]
        return [(one, str(Outcome(one.outcome).label), OUTCOMES[one.outcome]) for one in reversed(rows)]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The bar: each step's name and class; empty for what ended before its end."""
        at = _AT.get(self.appeal.status)
        if self.appeal.status == Status.ASKED:
            at = 1 if self.appeal.intake == Intake.ASKED else 3
        if at is None:
            return []
        labels = [SECOND if place == 3 and self.again else label for place, label in enumerate(STEPS)]
        classes = ["ok" if place < at else "now" if place == at else "" for place in range(len(STEPS))]
        return [(str(label), mark) for label, mark in zip(labels, classes, strict=True)]

    @property
    def again(self) -> bool:
        """Whether it is handled a second time because the enterprise was dissatisfied."""
        surveys = [getattr(one, "survey", None) for one in self.orders if one.kind == OrderKind.LEAD]
        bad = any(one.satisfaction == Satisfaction.DISSATISFIED for one in surveys if one is not None)
        return bad and self.appeal.round > 1

    @property
    def words(self) -> str:
        """How it stands, in a sentence."""
        return str(WORDS[self.appeal.status])

    @property
    def colour(self) -> str:
        """Of the status's badge."""
        return COLOURS.get(self.appeal.status, "info")

    @cached_property
    def clocks(self) -> list[tuple[Any, str]]:
        """Deadlines that are not met yet, the first one first, each with what is to be done until then."""
        own = [one.pk for one in self.orders if one.kind != OrderKind.CO]
        running = OrderClock.objects.filter(order__in=own, met_at=None, target__in=CLOCKS)
        return [(one, str(CLOCKS[one.target])) for one in running.order_by("due_at", "pk")]

    @cached_property
    def happenings(self) -> list[Happening]:
        """What happened in public, the newest first; one query."""
        fields = ("at", "pk", "name", "comment")
        own = AppealEvent.objects.filter(subject=self.appeal.pk, public=True).order_by()
        theirs = OrderEvent.objects.filter(subject__appeal=self.appeal.pk, public=True).order_by()
        rows = own.values_list(*fields).union(theirs.values_list(*fields), all=True).order_by("-at", "-pk")
        return _told(rows)

    @cached_property
    def asked(self) -> str:
        """The question that waits for an answer, if one does."""
        waiting = self.appeal.status == Status.ASKED or (
            self.lead is not None and self.lead.state == OrderState.ASKING
        )
        questions = (_name("ask"), _name("ask_back"))
        return next((one.comment for one in self.happenings if one.label in questions), "") if waiting else ""

    @property
    def advice(self) -> str:
        """Why an appeal was refused and where else to go."""
        refused = self.appeal.intake == Intake.REFUSED
        return (
            next((one.comment for one in self.happenings if one.label == _name("refuse")), "")
            if refused
            else ""
        )

    @cached_property
    def attachments(self) -> list[Attachment]:
        """What the enterprise may open."""
        return list(self.appeal.attachments.filter(public=True))


def _told(rows: Iterable[tuple[Any, ...]]) -> list[Happening]:
    """Events, the newest first, in words: without what was undone, and that it was."""
    undone: list[str] = []
    told: list[Happening] = []
    bad = str(Satisfaction.DISSATISFIED.label)
    for at, _pk, name, comment in rows:
        if name in _UNDOES:
            undone.append(_UNDOES[name])
        elif name in undone:
            undone.remove(name)
        else:
            told.append(Happening(at, _name(name), comment))
    closed = [place for place, one in enumerate(told) if (one.label, one.comment) == (_name("close"), bad)]
    for place in closed:
        label = _AGAIN if place == closed[-1] else _SUPERVISED
        told[place] = Happening(told[place].at, str(label), "")
    return told


def _name(name: str) -> str:
    if name in _NAMES:
        return str(_NAMES[name])
    for machine in (Appeal.machine, WorkOrder.machine):
        if name in machine.transitions:
            return str(machine.transitions[name].label)
    return name
