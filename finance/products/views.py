"""Public pages of products: the list, one with its calculator, several side by side."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.services import load_catalogue
from finance.cost import Schedule, schedule
from finance.models import Bank, ProductVersion
from finance.models.vocabulary import Repayment
from finance.products.book import Book, in_force
from finance.products.browsing import ORDERS, Browsing
from finance.products.comparing import MOST, compare, conditions_of, mixed
from finance.products.costing import Wish, obstacles
from finance.products.forms import CostForm, WishForm, shown_wish
from portal.kernel.facets import Facet, chips

PAGE_SIZE: Final = 20


@login_not_required
@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """What is on offer, searched, narrowed by facets, ordered, a page at a time."""
    words = request.GET.get("q", "").strip()[:100]
    usual = "relevance" if words else "rate"
    order = request.GET.get("order", "")
    book = in_force(timezone.localdate())
    browsing = Browsing(book, words, request.GET)
    narrowing = browsing.facets()
    page = Paginator(browsing.listing(order), PAGE_SIZE).get_page(request.GET.get("page"))
    ticked = set(request.GET.getlist("p"))
    chosen = [entry for entry in book.entries if entry.code in ticked][:MOST]
    here = {entry.code for entry in page}
    context = {
        "words": words,
        "partly": browsing.partly,
        "page": page,
        "chosen": chosen,
        "chosen_codes": [entry.code for entry in chosen],
        "elsewhere": [entry for entry in chosen if entry.code not in here],
        "facets": [facet for facet in narrowing if narrows(facet)],
        "chips": chips(request, narrowing),
        "order": "" if order == usual else order,
        # The usual order has no value of its own: nobody chose it, so words typed next are not bound to it.
        "orders": [
            ("" if key == usual else key, label)
            for key, label in ORDERS.items()
            if words or key != "relevance"
        ],
        "figures": _figures(book),
        "most": MOST,
    }
    return render(request, "finance/products/list.html", context)


@login_not_required
@require_safe
def product(request: HttpRequest, code: str) -> HttpResponse:
    """A product for everybody: what it says, what it costs by month, whom to ask, where it comes from."""
    return render(request, "finance/products/product.html", described(request, offered_by_code(code)))


@login_not_required
@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    """Up to `MOST` products side by side, the same amount and months asked of each."""
    return render(request, "finance/products/compare.html", compared(request))


def compared(request: HttpRequest) -> dict[str, Any]:
    """What a page says of the products of its address side by side, without looking at an enterprise."""
    book = in_force(timezone.localdate())
    known = {entry.code for entry in book.entries}
    asked = list(dict.fromkeys(code for code in request.GET.getlist("p") if code in known))
    shown = asked[:MOST]
    rows = ProductVersion.objects.offered().for_pages().filter(product__code__in=shown)
    by_code = {version.product.code: version for version in rows}
    given = {**shown_wish(Wish()), **{key: value for key, value in request.GET.items() if value}}
    form = WishForm(given)
    way = request.GET.get("way", "")
    wish = form.wish()
    columns = compare([by_code[code] for code in shown if code in by_code], wish, way, load_catalogue())
    return {
        "columns": columns,
        "mixed": mixed([column.cost for column in columns if column.cost and not column.obstacles]),
        "form": form,
        "wish": wish,
        "way": way,
        "ways": Repayment.choices,
        "left_out": len(asked) - len(shown),
        "others": [] if len(shown) == MOST else [entry for entry in book.entries if entry.code not in shown],
        "example": any(column.version.is_example for column in columns),
    }


@login_not_required
@require_safe
def banks(request: HttpRequest) -> HttpResponse:
    """For banks and for who asks which there are: the banks on the platform, and how a bank joins."""
    book = in_force(timezone.localdate())
    offered: dict[int, int] = {}
    for entry in book.entries:
        offered[entry.bank_id] = offered.get(entry.bank_id, 0) + 1
    live = Bank.objects.live().prefetch_related("branches")
    rows = [(bank, offered.get(bank.pk, 0)) for bank in live]
    rows.sort(key=lambda row: (-row[1], row[0].short))
    return render(request, "finance/products/banks.html", {"rows": rows, "figures": _figures(book)})


def offered_by_code(code: str) -> ProductVersion:
    """What the product of a code says today. `Http404` when it is not on offer."""
    version = ProductVersion.objects.offered().for_pages().filter(product__code=code).first()
    if version is None:
        raise Http404(_("这款产品没有上架，或已经下架。请到产品列表另选一款。"))
    return version


def described(request: HttpRequest, version: ProductVersion) -> dict[str, Any]:
    """What a page says of a version without looking at an enterprise, with the calculator of its address."""
    usual = _usual_wish(version)
    rate = version.rate_low or version.rate_high
    ways = version.repayments or list(Repayment.values)
    given = {**shown_wish(usual), "rate": f"{rate.normalize():f}" if rate else "", "way": ways[0]}
    given |= {key: value for key, value in request.GET.items() if key in CostForm.base_fields}
    form = CostForm(given, ways=version.repayments)
    plan: Schedule | None = None
    if form.is_valid() and form.cleaned_data["rate"]:
        way = form.cleaned_data["way"] or ways[0]
        wish = form.wish(usual)
        plan = schedule(wish.amount, wish.months, form.cleaned_data["rate"], way)
    return {
        "version": version,
        "product": version.product,
        "bank": version.product.bank,
        "branches": version.product.bank.branches.all(),
        "conditions": conditions_of(version, load_catalogue()),
        "form": form,
        "plan": plan,
        "way": plan and Repayment(plan.repayment).label,
        "obstacles": obstacles(version, form.wish(usual)),
        "rate_known": rate is not None,
    }


def _usual_wish(version: ProductVersion) -> Wish:
    """Half a million for a year, within what the product has."""
    wish = Wish()
    amount = max(min(wish.amount, version.amount_max_fen or wish.amount), version.amount_min_fen or 0)
    months = max(min(wish.months, version.term_max or wish.months), version.term_min or 0)
    return Wish(amount, months)


def _figures(book: Book) -> dict[str, int]:
    return {
        "products": len(book.entries),
        "banks": len({entry.bank_id for entry in book.entries}),
        "credit": sum("credit" in entry.securities for entry in book.entries),
        "first": sum(entry.first_here for entry in book.entries),
    }


def narrows(facet: Facet) -> bool:
    """Whether a facet offers a choice: two options, or one that is chosen."""
    return len(facet.options) > 1 or any(option.selected for option in facet.options)
