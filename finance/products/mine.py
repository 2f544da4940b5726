"""The enterprise's own pages of products: all of them by how they stand, and one with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from enterprises.acting import act
from finance.products.browsing import ORDERS, Browsing
from finance.products.costing import Wish
from finance.products.fitting import GROUPS, WISHES, Fit, Fitting, badge_of, explained, fit, ranked, rows
from finance.products.forms import WishForm, shown_wish
from finance.products.views import compared, described, narrows, offered_by_code
from portal.kernel.facets import chips

PAGE_SIZE: Final = 15
NARROWING: Final = ("bank", "security", "kind", "purpose")
"""Facets of the list; how much for how long is what the wish says."""
KEPT: Final = ("tab", "amount", "months", "order")
"""What of an address stays when nothing is narrowed any more."""
ASKED: Final = ("amount", "months", "order", *NARROWING)
"""What of an address goes from tab to tab."""
TABS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "fits": (_("适合"), _("银行公布的条件都核对通过了；最后由银行审批。")),
    "unsaid": (_("待确认"), _("条件都核对通过了，但资料没有写明额度或期限；够不够，请先问银行。")),
    "beyond": (_("够不着"), _("条件都核对通过了，但金额或期限够不到您要的；写明了差在哪。")),
    "needs": (_("待补充"), _("还缺信息，补上就能定；没有信息不等于不适合。")),
    "near": (_("差一点"), _("只差一条，而且够得着；写明了还差多少。")),
    "unnamed": (_("可咨询"), _("银行没有公布能核对的条件，可直接咨询。")),
    "not": (_("不适合"), _("有条件没达到；每款都写明了是哪一条。")),
}

OF_A_WISH: Final = ("unsaid", "beyond")
"""How a product stands only where something is wished for."""


@require_safe
def my_products(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Products by how they stand, see `TABS`, ranked by what the enterprise wants; each row says why."""
    actor = act(request, enterprise)
    form, wish = _wish(request)
    order = request.GET.get("order", "")
    fitting = fit(actor.enterprise, timezone.localdate(), wish)
    browsing = Browsing(fitting.book, "", request.GET, NARROWING)
    groups, facets = _narrowed(fitting, browsing), browsing.facets()
    counts = {key: len(found) for key, found in groups.items()}
    tab = request.GET.get("tab", "")
    if tab not in GROUPS:
        tab = next((key for key in GROUPS if counts[key]), "fits")
    order = order if order in WISHES else WISHES[0]
    found = ranked(groups[tab], order, fitting.wish)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    asked = _of(request, ASKED)
    address = reverse("enterprise_finance", args=[enterprise])
    context = {
        "enterprise": actor.enterprise,
        "total": len(fitting.book.entries),
        "counts": fitting.counts,
        "facets": [facet for facet in facets if narrows(facet)],
        "chips": chips(request, facets),
        "cleared": f"?{_of(request, KEPT)}",
        "tab": tab,
        "explain": TABS[tab][1],
        "form": form,
        "wish": wish or Wish(),
        "wished": shown_wish(wish) if wish else {},
        "order": order,
        "orders": [(key, ORDERS[key]) for key in WISHES],
        "page": page,
        "rows": rows(fitting, list(page.object_list)),
        "tabs": [
            {
                "url": f"{address}?{urlencode({'tab': key})}{asked and '&' + asked}",
                "label": label,
                "count": counts[key],
                "current": key == tab,
            }
            for key, (label, _said) in TABS.items()
            if key not in OF_A_WISH or wish
        ],
    }
    return render(request, "finance/products/mine.html", context)


def _of(request: HttpRequest, keys: Iterable[str]) -> str:
    """What an address says of some keys, as a query."""
    return urlencode([(key, value) for key in keys for value in request.GET.getlist(key)])


def _narrowed(fitting: Fitting, browsing: Browsing) -> dict[str, list[Fit]]:
    """How products stand, of those alone that pass what was chosen."""
    passing = {entry.version_id for entry in browsing.listing()}
    return {
        key: [one for one in found if one.entry.version_id in passing]
        for key, found in fitting.groups.items()
    }


def _wish(request: HttpRequest) -> tuple[WishForm, Wish | None]:
    """What is wished for, with its form; None while nothing is, or nothing that could be read."""
    given = {key: request.GET[key] for key in WishForm.base_fields if request.GET.get(key)}
    form = WishForm({**shown_wish(Wish()), **given} if given else {})
    return form, form.wish() if given and form.is_valid() else None


@require_safe
def my_comparison(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Products side by side before the enterprise: of each how it stands, and the way to apply."""
    actor = act(request, enterprise)
    context = compared(request)
    fitting = fit(actor.enterprise, timezone.localdate(), context["wish"])
    shown = [column.version.pk for column in context["columns"]]
    found = [one for group in fitting.groups.values() for one in group if one.entry.version_id in shown]
    standing = {row.entry.version_id: row for row in rows(fitting, found)}
    context |= {"enterprise": actor.enterprise, "standing": [standing.get(pk) for pk in shown]}
    return render(request, "finance/products/compare.html", context)


@require_safe
def my_product(request: HttpRequest, enterprise: int, code: str) -> HttpResponse:
    """One product before the enterprise, condition by condition, with its calculator."""
    actor = act(request, enterprise)
    version = offered_by_code(code)
    context = {"enterprise": actor.enterprise, **described(request, version)}
    explanation = explained(actor.enterprise, version, timezone.localdate())
    if explanation is not None:
        context |= {"explanation": explanation, "badge": badge_of(explanation)}
    return render(request, "finance/products/my_product.html", context)
