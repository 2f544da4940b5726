"""To whom an order is given: a department, its section and its officers, as they are on the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.enums import Complexity, Intake, Mode, OrderKind, Source, Why
from appeals.higher import led_higher
from appeals.models import Appeal, Assignment, OrderEvent, Suggestion, WorkOrder
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import Department, Officer, Section, User

POOL: Final = "market_pool"
"""The destination that stands for all market firms."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is to have an order."""

    department: Department
    section: Section | None = None
    leader: Officer | None = None
    handler: Officer | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """By whom, why and when an order is given; `note` is for officials."""

    by: User | None
    at: dt.datetime
    why: str = Why.MANUAL
    note: str = ""


def give(order: WorkOrder, step: str, target: Target, grant: Grant) -> OrderEvent:
    """Take the transition `step` that hands the order to the target, and tell it.

    The caller holds the order. Officers who are away are replaced by those who stand in for them. Writes the
    assignment and starts the clock for accepting. A second handling gets a higher leader (see `higher`).
    Raises DomainError for a target that cannot have it.
    """
    day = timezone.localdate(grant.at)
    given, stand_ins = _placed(target, order.appeal, day)
    given["leader"] = led_higher(order, target.department, given["leader"], day)
    changes: dict[str, Any] = {
        "mode": Mode.DISPATCH,
        "provider": None,
        "window_from": None,
        "window_to": None,
    }
    changes |= {**given, "held_at": grant.at, "rightful": None}
    public, holder = order.kind != OrderKind.CO, target.section or target.department
    with in_language_of_record():
        comment = _("由%(who)s承办") % {"who": holder}
    event: OrderEvent = advance(
        order,
        step,
        actor=grant.by,
        comment=comment,
        changes=changes,
        public=public,
    )
    why = Why.SUBSTITUTE if stand_ins and grant.why in (Why.MANUAL, Why.SUGGESTED) else grant.why
    note = "；".join(filter(None, [grant.note.strip(), *stand_ins]))[:300]
    Assignment.objects.create(
        order=order, why=why, note=note, by=grant.by, at=grant.at, suggested_id=_suggested(order), **given
    )
    deadlines.begin(order, "accept", at=grant.at)
    if order.appeal.source == Source.TALK:
        deadlines.meet(order, "handover", at=grant.at)
    telling.tell_holders(order, event, str(telling.NEW_ORDER))
    if public:
        with in_language_of_record():
            words = _("您的诉求已交由%(who)s办理") % {"who": holder}
        undoable = step == "dispatch" and grant.by is not None
        telling.tell_enterprise(order.appeal, event, words, hold=undoable)
    return event


def span_of(order: WorkOrder, appeal: Appeal) -> str:
    """The target of the clock for the work itself."""
    if order.kind == OrderKind.SUPERVISION:
        return "supervision"
    if order.round > 1:
        return "second"
    return "reply" if appeal.source == Source.TALK else appeal.complexity


def receive(order: WorkOrder, *, by: User | None, at: dt.datetime, **changes: Any) -> None:
    """Accept the held order's appeal if it still waits; the clock of the work starts."""
    appeal = order.appeal
    if appeal.intake != Intake.ACCEPTED:
        advance(appeal, "accept_appeal", actor=by, changes=changes, public=True)
    deadlines.meet(order, "receive", at=at)
    deadlines.begin(order, span_of(order, appeal), at=at)


def unreceive(order: WorkOrder, *, by: User, at: dt.datetime) -> None:
    """The step at that moment is undone: an appeal that was accepted only by it waits as it did before.

    One that waited for the enterprise's supplement stays accepted.
    """
    appeal = order.appeal
    last = appeal.events.filter(name="accept_appeal", at__gte=at, actor=by).last()
    if appeal.intake != Intake.ACCEPTED or last is None or last.source != Intake.SUBMITTED:
        return
    deadlines.forget(order, span_of(order, appeal), since=at)
    deadlines.resume(order, "receive", met_at=at)
    usual = appeal.category.complexity if appeal.category else Complexity.SINGLE
    advance(appeal, "undo_accept", actor=by, changes={"complexity": usual}, public=True)


def refuse_complained_of(appeal: Appeal, department: Department | None) -> None:
    """A complaint does not go to the department complained of."""
    if department is not None and appeal.about_id == department.pk:
        raise DomainError(_("这件诉求反映的就是该部门，请改派其他部门。"), code="complained_of")


def refuse_pool(department: Department) -> None:
    """The pool of market firms is a destination of suggestions, and no office: what goes there is grabbed."""
    if department.code == POOL:
        raise DomainError(
            _("“%(name)s”不是承办单位：请放到抢单大厅由机构抢单，或改派其他部门。") % {"name": department},
            code="pool",
        )


def _placed(target: Target, appeal: Appeal, day: dt.date) -> tuple[dict[str, Any], list[str]]:
    """The order's fields, and a sentence for each officer somebody stands in for."""
    refuse_complained_of(appeal, target.department)
    refuse_pool(target.department)
    fields: dict[str, Any] = {"department": target.department, "section": target.section}
    if target.section is not None and target.section.department_id != target.department.pk:
        raise DomainError(_("科室不属于该部门，请重新选择。"), code="not_of_department")
    stand_ins = []
    for name in ("leader", "handler"):
        officer = fields[name] = getattr(target, name)
        if officer is None:
            continue
        if officer.department_id != target.department.pk:
            raise DomainError(
                _("%(name)s不在该部门，请重新选择。") % {"name": officer.name}, code="not_of_department"
            )
        present = fields[name] = officer.stand_in(day)
        if present is None:
            raise DomainError(
                _("%(name)s已离任或外出，且没有代办人，请改派他人。") % {"name": officer.name}, code="absent"
            )
        if present != officer:
            stand_ins.append(
                _("%(name)s不在岗，由%(other)s代办") % {"name": officer.name, "other": present.name}
            )
    return fields, stand_ins


def _suggested(order: WorkOrder) -> int | None:
    """The department suggested first when the order was given, to learn from."""
    if order.kind != OrderKind.LEAD:
        return None
    first = Suggestion.objects.filter(appeal=order.appeal_id, rank=1).order_by("-made_at", "-pk")
    return first.values_list("department", flat=True).first()
