"""The inbox: baskets with counts, the list, and beside it the order that is looked at."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appeals.desk.acting import act, holds, orders_at
from appeals.desk.baskets import BASKETS, GROUPS, LEADING, MOST, Basket, Moment, counts
from appeals.desk.detail import detail
from appeals.desk.filters import InboxFilter
from appeals.desk.rows import listed
from appeals.desk.undoing import pending
from appeals.models import WorkOrder
from appeals.models.appeal import DESK
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.http import posted_id

FOUND: Final = Basket(
    "found",
    _("搜索结果"),
    lambda rows, moment: rows.filter(kind__in=LEADING),
    newest_first=True,
    empty=_("没有找到。可以搜编号、标题、企业名称或统一社会信用代码。"),
)
"""What a search looks through: every basket and what has ended."""

STARTS: Final = ((Role.DISPATCHER, "new"), (Role.SUPERVISOR, "supervised"), (Role.MEDIATOR, "returned"))
"""With which basket a role begins; who has several, with the first."""
KEYS: Final = (
    ("A", _("派单"), (Role.DISPATCHER,)),
    ("G", _("抢单"), (Role.DISPATCHER,)),
    ("S", _("督办"), (Role.DISPATCHER, Role.SUPERVISOR)),
    ("U", _("撤销"), (Role.DISPATCHER,)),
)
"""What is done by key, and for whom the key does anything."""


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The list of one basket, or of what was searched; `order` is shown beside it (on a phone instead)."""
    desk = act(request, department, *DESK)
    chosen = posted_id(request.GET.get("order", ""))
    context = _listing(request, desk)
    if chosen:
        context |= detail(request, desk, _order(desk, chosen))
    return render(request, "appeals/desk/inbox.html", context)


@require_safe
def part(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """The order alone, put beside the list by the page's script."""
    desk = act(request, department, *DESK)
    return render(request, "appeals/desk/detail.html", detail(request, desk, _order(desk, pk)))


def _order(desk: Desk, pk: int) -> WorkOrder:
    return get_object_or_404(orders_at(desk).for_lists().select_related("rightful"), pk=pk)


def _listing(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    visible, moment = orders_at(desk), Moment.of(desk.user, timezone.now())
    narrowing = InboxFilter(request.GET, visible)
    searched = bool(request.GET.get("q", "").strip())
    basket = FOUND if searched else BASKETS.get(request.GET.get("basket", ""), _first(desk))
    narrowed = narrowing.qs if narrowing.form.is_valid() else visible
    known = counts(visible, moment)
    return {
        "department": desk.department,
        "groups": _counted(known),
        "current": basket,
        "basket": basket.key,
        "form": narrowing.form,
        "slice": listed(basket, narrowed, moment, request.GET.get("after", "")),
        "undo": pending(request),
        "handed_out": known["handed_out"],
        "keys": [(key, words) for key, words, roles in KEYS if holds(desk, *roles)],
    }


def _first(desk: Desk) -> Basket:
    """The basket in which the desk's work lies."""
    found = next((key for role, key in STARTS if holds(desk, role)), "new")
    return BASKETS[found]


def _counted(known: dict[str, int]) -> list[list[tuple[Basket, int, str]]]:
    """Every basket with how many are in it, as a number and as it is shown."""
    return [
        [(basket, known[basket.key], shown_count(known[basket.key])) for basket in group] for group in GROUPS
    ]


def shown_count(count: int) -> str:
    """As many, or that there are more than anybody counts."""
    return f"{MOST}+" if count > MOST else str(count)
