"""One order with all that a desk shows of it: text, suggestions, deadlines, timeline, steps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.desk.acting import READING, holds, sees_all
from appeals.desk.forms import OrderForm
from appeals.desk.places import Places
from appeals.desk.rows import Row
from appeals.desk.steps import forms_for
from appeals.desk.timeline import timeline
from appeals.enums import Intake, Mode, OrderKind
from appeals.models import (
    Appeal,
    Attachment,
    ClockTarget,
    IntakeRule,
    OrderClock,
    SharedProblem,
    Suggestion,
    WorkOrder,
)
from appeals.rota import Rota
from portal.accounts.desks import Desk
from portal.accounts.identifiers import mask_mobile
from portal.accounts.models import Officer

SHOWN: Final = 3
WORDS_SHOWN: Final = 4
FIRST: Final = {"offered": ("accept", "return"), "handling": ("answer", "ask")}
"""What a department does with an order, as two big buttons, by state."""
ALONE: Final = ("dispatch",)
"""Steps that have a place of their own on the page."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion in the words of the page; `leader` is who is there today, `away` for whom."""

    row: Suggestion
    leader: Officer | None
    away: Officer | None

    @property
    def reasons(self) -> list[str]:
        """Why: the rule, the words that weighed, similar closed cases."""
        given = self.row.reasons
        words = "".join(f"“{word}”" for word in given.get("words", [])[:WORDS_SHOWN])
        similar = given.get("similar", [])
        lines = [
            _("规则：%(title)s") % {"title": given["rule"]} if given.get("rule") else "",
            words,
            _("相似办结 %(count)d 件") % {"count": len(similar)} if similar else "",
            _("在办 %(count)d") % {"count": given["load"]} if given.get("load") is not None else "",
        ]
        return [line for line in lines if line]

    @property
    def way(self) -> str:
        """How it would get there when not by handing it out; empty otherwise."""
        ways = {Mode.GRAB: _("由机构抢单：选它即放到抢单大厅"), Mode.PICK: _("企业也可在服务超市自己点单")}
        return ways.get(Mode(self.row.mode), "")

    @property
    def similar(self) -> list[dict[str, str]]:
        """Closed cases like this one: number and title."""
        return [case for case in self.row.reasons.get("similar", []) if isinstance(case, dict)]


def suggested(appeal: Appeal) -> list[Suggested]:
    """The newest suggestions, at most three, each with who is present today; two or three queries.

    What hardly anything speaks for is left out, unless it comes first.
    """
    newest = appeal.suggestions.order_by("-made_at", "rank").values_list("made_at", flat=True)[:1]
    rows = appeal.suggestions.filter(made_at__in=newest).exclude(department=appeal.about_id)
    rows = rows.filter(Q(rank=1) | Q(percent__gte=1))
    found = list(rows.select_related("department", "section", "leader").order_by("rank", "pk")[:SHOWN])
    day = timezone.localdate()
    rota = Rota([row.leader for row in found], day, day)
    return [_suggested(row, rota.present(row.leader, day)) for row in found]


def _suggested(row: Suggestion, present: Officer | None) -> Suggested:
    return Suggested(row, present, row.leader if row.leader and row.leader != present else None)


def detail(
    request: HttpRequest, desk: Desk, order: WorkOrder, failed: tuple[str, OrderForm] | None = None
) -> dict[str, Any]:
    """What the page of an order, and the inbox beside its list, are made of."""
    appeal, everything = order.appeal, sees_all(desk)
    places = Places(desk.department, timezone.localdate())
    steps = forms_for(order, desk, places, failed)
    first = [name for name in FIRST.get(order.state, ()) if name in steps]
    return {
        "department": desk.department,
        "order": order,
        "appeal": appeal,
        "everything": everything,
        "reads_dossier": holds(desk, *READING),
        "named": everything or not appeal.anonymous,
        "phone": mask_mobile(appeal.contact_phone),
        "lines": timeline(order, everything=everything),
        "suggestions": _suggestions(appeal, steps),
        "hints": _hints(appeal) if "refuse" in steps else [],
        "clocks": clocks_of(order),
        "shared": _shared(appeal),
        "into": _into(appeal) if everything else None,
        "beside": _beside(order) if everything else [],
        "history": _history(appeal) if everything else None,
        "answers": order.answers.select_related("by").order_by("-pk"),
        "promises": order.promises.order_by("-pk"),
        "files": attachments_for(appeal),
        "dispatch": steps.get("dispatch"),
        "first": [(name, *steps[name]) for name in first],
        "steps": [(name, *one) for name, one in steps.items() if name not in (*first, *ALONE)],
        "failed": failed[0] if failed else "",
        "basket": request.GET.get("basket", "") or request.POST.get("basket", ""),
    }


def _suggestions(appeal: Appeal, steps: dict[str, Any]) -> list[Suggested]:
    """What is suggested for a dispatch; a second handling is led higher, as its form proposes."""
    if "dispatch" not in steps or "leader" in steps["dispatch"][1].fields:
        return []
    return suggested(appeal)


def clocks_of(order: WorkOrder) -> list[tuple[str, Row]]:
    """Running deadlines of an order with their names; two queries."""
    running: Any = OrderClock.objects.filter(order=order, met_at=None).order_by("due_at", "pk")
    keys = {clock.target for clock in running}
    labels = dict(ClockTarget.objects.filter(key__in=keys).values_list("key", "label"))
    now = timezone.now()
    return [(labels.get(clock.target, clock.target), Row(order, clock, now)) for clock in running]


def attachments_for(appeal: Appeal) -> Any:
    """Files that came with the appeal or were added at the desk."""
    return Attachment.objects.filter(appeal=appeal).order_by("pk")


def _beside(order: WorkOrder) -> Any:
    """The appeal's other orders: co-orders, earlier rounds, supervision."""
    others = WorkOrder.objects.filter(appeal=order.appeal_id).exclude(pk=order.pk)
    return others.select_related("appeal", "department", "section", "provider").order_by("pk")


def _shared(appeal: Appeal) -> dict[str, Any] | None:
    """The shared problem of the appeal, whose order leads it, of how many enterprises; none for most."""
    if appeal.problem_id is None:
        return None
    problem = SharedProblem.objects.select_related("lead").get(pk=appeal.problem_id)
    leads = WorkOrder.objects.filter(appeal=problem.lead_id, kind=OrderKind.LEAD).order_by("-pk")
    firms = Appeal.objects.filter(problem=problem).values("enterprise").distinct().count()
    return {"problem": problem, "lead": leads.first(), "enterprises": firms}


def _into(appeal: Appeal) -> WorkOrder | None:
    """The order by which the appeal goes on that this one was merged into."""
    if appeal.merged_into_id is None:
        return None
    leads = WorkOrder.objects.filter(appeal=appeal.merged_into_id, kind=OrderKind.LEAD)
    return leads.select_related("appeal").order_by("-pk").first()


def _history(appeal: Appeal) -> dict[str, int]:
    """What else the enterprise has asked for in the last twelve months; one query."""
    since = timezone.now() - dt.timedelta(days=365)
    rows = Appeal.objects.filter(enterprise=appeal.enterprise_id, submitted_at__gte=since)
    known = list(rows.exclude(pk=appeal.pk).values_list("intake", flat=True))
    return {"all": len(known), "waiting": sum(each == Intake.SUBMITTED for each in known)}


def _hints(appeal: Appeal) -> list[IntakeRule]:
    """Lines of the two lists of what is handled whose words the appeal has; one query."""
    text = f"{appeal.title} {appeal.text}"
    rules = IntakeRule.objects.filter(Q(active=True) & ~Q(words=[]))
    return [rule for rule in rules if any(word in text for word in rule.words)]
