"""Who acts at the payment desk of a department, and what of the money may be looked at there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.models import BudgetLine, Correction, InstructionFile, Payment, PaymentBatch, ReturnFile
from policies.money.duties import STOPPING
from portal.accounts.desks import Desk, act_at_desk
from portal.accounts.roles import Role

CORRECTING: Final = (*STOPPING, Role.REVIEWER)
"""Roles that look at what was paid wrongly."""
COUNTING: Final = (*STOPPING, Role.SUPERVISOR)
"""Roles that look at how long money takes."""
PLACES: Final = (
    ("desk_money", _("批次"), STOPPING),
    ("desk_money_accounts", _("账户核对"), STOPPING),
    ("desk_money_payments", _("拨付"), STOPPING),
    ("desk_money_files", _("国库文件"), STOPPING),
    ("desk_money_budget", _("预算"), STOPPING),
    ("desk_money_reconciliation", _("对账"), STOPPING),
    ("desk_money_books", _("账目核验"), STOPPING),
    ("desk_money_freezes", _("冻结"), STOPPING),
    ("desk_money_corrections", _("追缴补发"), CORRECTING),
    ("desk_money_speed", _("兑现时长"), COUNTING),
)
"""Pages of the payment desk, each with the roles that see it."""


def act(request: HttpRequest, department: int, *roles: str) -> Desk:
    """Who acts at the payment desk: any role that pays or leads when none is named; else ``Http404``."""
    return act_at_desk(request, department, *(roles or STOPPING))


def frame(
    desk: Desk, current: str, counts: Mapping[str, int] | None = None, **context: Any
) -> dict[str, Any]:
    """What every page of the desk shows: its department, and the way to the other pages.

    `counts`, by url name, where a page has them: what waits behind each.
    """
    tabs = [
        {
            "url": reverse(name, args=[desk.department.pk]),
            "label": label,
            "count": (counts or {}).get(name, 0),
            "current": name == current,
        }
        for name, label, roles in PLACES
        if desk.holds(*roles)
    ]
    return {"desk": desk, "department": desk.department, "places": tabs} | context


def lines_at(desk: Desk) -> QuerySet[BudgetLine]:
    """Budget lines from which this department spends."""
    return BudgetLine.objects.filter(department=desk.department)


def batches_at(desk: Desk) -> QuerySet[PaymentBatch]:
    """Batches of those lines."""
    return PaymentBatch.objects.filter(line__department=desk.department)


def payments_at(desk: Desk) -> QuerySet[Payment]:
    """Payments from those lines."""
    return Payment.objects.filter(line__in=lines_at(desk))


def sent_at(desk: Desk) -> QuerySet[InstructionFile]:
    """Instruction files of its batches, without their bytes."""
    return InstructionFile.objects.filter(batch__line__department=desk.department).defer("content")


def returned_at(desk: Desk) -> QuerySet[ReturnFile]:
    """Return files that answer its batches, and those of which nobody can tell whose they are."""
    own = Q(instruction__batch__line__department=desk.department)
    return ReturnFile.objects.filter(own | Q(instruction=None)).defer("content")


def corrections_at(desk: Desk) -> QuerySet[Correction]:
    """Corrections of its items' awards, and of what was paid from its lines."""
    paid = Payment.objects.filter(award=OuterRef("award"), line__department=desk.department)
    return Correction.objects.filter(Q(award__item__department=desk.department) | Exists(paid))
