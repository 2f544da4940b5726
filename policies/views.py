"""Public pages of policies: the list, an item, a document. The enterprise's own are in `policies.mine`."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.services import load_catalogue
from matching.explaining.sentences import describe
from matching.services import rule_tree
from policies.book import in_force
from policies.browsing import Browsing
from policies.exclusive import name_rivals
from policies.models import ItemVersion, PolicyDocument, PolicyItem
from portal.accounts.models import User
from portal.accounts.second_factor import passed_second_factor
from portal.kernel.facets import Facet, chips

PAGE_SIZE = 20
FACET_ORDER = ("open_now", "mode", "benefit", "department", "target", "topic", "level")
ORDERS = {"relevance": _("最相关"), "date": _("最新发布"), "deadline": _("最快截止"), "amount": _("金额最高")}


@login_not_required
@require_safe
def item_list(request: HttpRequest) -> HttpResponse:
    """Items in force, searched, narrowed by facets, ordered, a page at a time."""
    words = request.GET.get("q", "").strip()
    usual = "relevance" if words else "date"
    order = request.GET.get("order", "")
    browsing = Browsing(in_force(timezone.localdate()), words, request.GET)
    narrowing = browsing.facets()
    context = {
        "words": words,
        "partly": browsing.partly,
        "page": Paginator(browsing.listing(order), PAGE_SIZE).get_page(request.GET.get("page")),
        "facets": sorted(filter(_narrows, narrowing), key=lambda facet: FACET_ORDER.index(facet.key)),
        "chips": chips(request, narrowing),
        "order": "" if order == usual else order,
        # The usual order has no value of its own: nobody chose it, so words typed next are not bound to it.
        "orders": [
            ("" if key == usual else key, label)
            for key, label in ORDERS.items()
            if words or key != "relevance"
        ],
    }
    return render(request, "policies/list.html", context)


@login_not_required
@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """An item for everybody: what you get, do you fit, how, until when, whom to ask, where it comes from."""
    return render(request, "policies/item.html", described(shown_version(request, code)))


def described(version: ItemVersion) -> dict[str, Any]:
    """What a page says of a version without looking at an enterprise."""
    catalogue = load_catalogue()
    name_rivals([version], in_force(timezone.localdate()))
    return {
        "version": version,
        "conditions": describe(rule_tree(version.rule_version, catalogue), catalogue),
        "sources": version.sources.select_related("document"),
        "today": timezone.localdate(),
    }


def reader(request: HttpRequest) -> User | None:
    """Who reads: None for the public, which staff are too until this session shows their second factor."""
    user = request.user
    if not user.is_authenticated or (user.is_staff and not passed_second_factor(request)):
        return None
    return user


def shown_version(request: HttpRequest, code: str) -> ItemVersion:
    """The version of an item that a page shows, see `VersionQuerySet.shown_on`. 404 without one."""
    owner = get_object_or_404(PolicyItem.objects.visible_to(reader(request)), code=code)
    versions = owner.versions.visible_to(reader(request)).for_pages()
    shown = versions.shown_on(timezone.localdate())
    if shown is None:
        raise Http404(_("这项政策还没有发布。"))
    return shown


@login_not_required
@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A policy document: its text and reading, and the items taken out of it."""
    shown = get_object_or_404(
        PolicyDocument.objects.visible_to(reader(request)).select_related("superseded_by"), pk=pk
    )
    shown_today = ItemVersion.objects.visible_to(reader(request)).in_force(timezone.localdate())
    items = shown_today.filter(sources__document=shown).distinct().for_lists().order_by("title", "pk")
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "policies/document.html", {"document": shown, "page": page})


def _narrows(facet: Facet) -> bool:
    """Whether a facet offers a choice: two options, or one that is chosen."""
    return len(facet.options) > 1 or any(option.selected for option in facet.options)
