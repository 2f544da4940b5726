"""A bank's inbox: baskets with counts, search and filters, lights of the clocks; the same as Excel."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from finance.acting import BankActor, act
from finance.desk.baskets import BASKETS, BY_KEY, Basket, LoanFilter, counts, ordered
from finance.desk.lights import Row, rows_of
from finance.lending.lists.giving import MOST, loans_table
from finance.models import LoanApplication
from portal.kernel.spreadsheets import handed_out

PAGE_SIZE: Final = 20


@require_safe
def page(request: HttpRequest, bank: int) -> HttpResponse:
    """One basket, urgent first; with words, what they find in all."""
    actor = act(request, bank)
    counted, now = counts(actor), timezone.now()
    basket, narrowed, found = _found(request, actor, counted)
    chosen = Paginator(found.for_lists(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows: list[Row] = rows_of(chosen.object_list, now)
    context = {
        "actor": actor,
        "bank": actor.bank,
        "basket": basket,
        "filter": narrowed,
        "page": chosen,
        "rows": rows,
        "late": counted["late"],
        "open": LoanApplication.objects.open_for(actor.bank, now).count(),
        "tabs": [
            {
                "url": f"?basket={each.key}",
                "label": each.label,
                "count": counted[each.key],
                "current": each.key == basket.key and not narrowed.words,
            }
            for each in BASKETS
        ],
    }
    return render(request, "finance/desk/inbox.html", context)


@require_safe
def export(request: HttpRequest, bank: int) -> HttpResponse:
    """What the page lists, on one sheet."""
    actor = act(request, bank)
    basket, _filter, found = _found(request, actor, counts(actor))
    table = loans_table(found.for_lists()[:MOST], actor, timezone.now())
    return handed_out(table, "xlsx", f"loans-{basket.key}")


def _found(request: HttpRequest, actor: BankActor, counted: dict[str, int]) -> tuple[Basket, LoanFilter, Any]:
    """The basket that is asked for, else the first one with anything; how it is narrowed, and its rows."""
    first = next((basket for basket in BASKETS if counted[basket.key]), BASKETS[0])
    basket = BY_KEY.get(request.GET.get("basket", ""), first)
    mine = LoanApplication.objects.visible_to(actor)
    narrowed = LoanFilter(request.GET, mine, actor)
    rows = narrowed.qs
    if not narrowed.words:
        rows = rows.filter(state__in=basket.states)
    return basket, narrowed, ordered(rows, basket)
