"""A second handling: by a leader who stands higher than those who had the order that did not satisfy."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from appeals.enums import OrderKind, Satisfaction
from appeals.models import WorkOrder
from portal.accounts.models import Department, Officer, Posting
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet


def first_handling(order: WorkOrder) -> WorkOrder | None:
    """The order of the round before whose answer did not satisfy; None for what is no second handling.

    No query in the first round.
    """
    if order.kind != OrderKind.LEAD or order.round == 1:
        return None
    before = WorkOrder.objects.filter(appeal=order.appeal_id, kind=OrderKind.LEAD, round=order.round - 1)
    rated = before.filter(survey__satisfaction=Satisfaction.DISSATISFIED)
    return rated.select_related("appeal", "department", "section", "provider", "leader", "handler").first()


def answerable(order: WorkOrder) -> Department | None:
    """The department that answers for the order: its own, or the one in charge of its provider's trade.

    Never the one complained of.
    """
    department = order.department or (order.provider.department if order.provider else None)
    return None if department is None or department.pk == order.appeal.about_id else department


def leaders_above(before: WorkOrder, day: dt.date) -> QuerySet[Officer]:
    """Officers present who may lead the second handling, the lowest first, then the longest registered.

    In the department that had it those of a higher rank, and never mere staff; elsewhere a head will do.
    """
    own = answerable(before)
    fit = Q(rank__gt=_rank(before)) | Q(rank__gte=Rank.HEAD) & ~Q(department=own)
    had = [pk for pk in (before.leader_id, before.handler_id) if pk]
    present: Any = Officer.objects.present(day).filter(fit).exclude(pk__in=had)
    rows: QuerySet[Officer] = present.exclude(department=before.appeal.about_id).order_by("rank", "pk")
    return rows


def proposed(before: WorkOrder, day: dt.date) -> Officer | None:
    """Who should lead it: the next higher in the department, else a county leader, else the supervisor's."""
    able = leaders_above(before, day).select_related("department")
    supervising = Posting.objects.filter(role=Role.SUPERVISOR).values("department")
    for rows in (able.filter(department=answerable(before)), able.filter(rank=Rank.COUNTY)):
        if (found := rows.first()) is not None:
            return found
    return able.filter(department__in=supervising).first()


def reason(before: WorkOrder, leader: Officer | None) -> str:
    """Why that leader is proposed, or that somebody has to be chosen; for the dispatcher."""
    why = _("企业对一次办理不满意，一次办理由%(who)s负责，须由更高层领导二次办理。") % {"who": _who(before)}
    if leader is None:
        return why + _("没有可建议的更高层领导在岗，请自行选择。")
    known = {"department": leader.department, "name": leader, "rank": leader.get_rank_display()}
    return why + _("建议%(department)s %(name)s，%(rank)s。") % known


def led_higher(order: WorkOrder, department: Department, leader: Officer | None, day: dt.date) -> Any:
    """The leader with whom the order may go to the department: `leader`, or for None the next higher one.

    Whatever is given in a first handling. Raises DomainError when the leader, or nobody there, stands higher.
    """
    before = first_handling(order)
    if before is None:
        return leader
    able = leaders_above(before, day).filter(department=department)
    words = {"who": _who(before), "department": department, "name": leader.name if leader else ""}
    if leader is None:
        found = able.filter(pk=order.leader_id or 0).first() or able.first()
        if found is None:
            raise DomainError(
                _("%(department)s没有比一次办理（%(who)s）更高的领导在岗，请选择其他单位的更高层领导。")
                % words,
                code="nobody_higher",
            )
        return found
    if not able.filter(pk=leader.pk).exists():
        raise DomainError(
            _("二次办理须由更高层领导负责：一次办理由%(who)s负责，不能再派给%(name)s。") % words,
            code="not_higher",
        )
    return leader


def _rank(before: WorkOrder) -> int:
    """The highest of those who had it; of a firm, or of nobody named, as of staff."""
    return max((each.rank for each in (before.leader, before.handler) if each), default=Rank.STAFF)


def _who(before: WorkOrder) -> str:
    named = max((each for each in (before.leader, before.handler) if each), key=_height, default=None)
    return f"{named} {named.get_rank_display()}" if named else before.holder


def _height(officer: Officer) -> int:
    return officer.rank
