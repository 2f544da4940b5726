"""The queue: baskets with counts, what narrows them, and the list of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from policies.reviewing.desk.acting import act, applications_at, counts_all
from policies.reviewing.desk.baskets import (
    BASKETS,
    GROUPS,
    Basket,
    Moment,
    Rows,
    counts,
    moment_of,
    shown_count,
)
from policies.reviewing.desk.filters import QueueFilter
from policies.reviewing.desk.rows import listed
from portal.accounts.desks import Desk
from portal.accounts.roles import Role

FOUND: Final = Basket(
    "found",
    _("搜索结果"),
    lambda moment: moment.led,
    newest_first=True,
    empty=_("没有找到。可以搜编号、企业名称或统一社会信用代码。"),
)
"""What a search looks through: every basket, what has ended, and what the department was asked about."""


@dataclass(frozen=True)
class Asked:
    """What is looked at: a basket (the first one when none is named) and how it is narrowed."""

    desk: Desk
    given: QueryDict
    moment: Moment

    @property
    def basket(self) -> Basket:
        """A search looks through all of them."""
        if self.given.get("q", "").strip():
            return FOUND
        return BASKETS.get(self.given.get("basket", ""), BASKETS["new"])

    @cached_property
    def narrowing(self) -> QueueFilter:
        """What is chosen above the list."""
        basket = self.basket
        rows = applications_at(self.desk) if basket is FOUND else basket.fill(self.moment)
        return QueueFilter(self.given, rows, self.desk)

    @property
    def rows(self) -> Any:
        """What is found, in the basket's order; what cannot be meant narrows nothing."""
        found: Rows = self.narrowing.qs if self.narrowing.form.is_valid() else self.narrowing.queryset
        return self.basket.ordered(found, self.moment)


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The list of one basket, or of what was searched."""
    desk = act(request, department)
    asked = Asked(desk, request.GET, moment_of(desk))
    known = counts(asked.moment)
    basket, form = asked.basket, asked.narrowing.form
    chosen = form.cleaned_data.get("item") if form.is_valid() else None
    context = {
        "department": desk.department,
        "groups": [[(one, known[one.key], shown_count(known[one.key])) for one in group] for group in GROUPS],
        "current": basket,
        "form": form,
        "narrows": asked.narrowing.narrows,
        "opened": asked.narrowing.narrows or bool(form.errors) or "filter" in request.GET,
        "slice": listed(asked.rows, basket, desk, request.GET.get("after", "")),
        "bulk": basket.key == "reviewing" and desk.holds(Role.REVIEWER),
        "item": chosen,
        "counts_all": counts_all(desk),
    }
    return render(request, "reviewing/queue.html", context)
