"""The enterprise's appeals: the list, one appeal, its files."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.aggregates import BoolOr
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appeals.enums import Status
from appeals.models import Appeal, Attachment
from appeals.models.appeal import AppealQuerySet
from appeals.portal.page import own, shown
from appeals.portal.steps import offered
from appeals.portal.story import COLOURS, Story
from appeals.portal.waiting import WAITING
from enterprises.acting import act
from portal.kernel.downloads import hand_out

PAGE_SIZE: Final = 20
OVER: Final = (Status.CLOSED, Status.REFUSED, Status.MERGED, Status.WITHDRAWN)
ANSWERING: Final = ("simple", "single", "joint", "reply", "second", "supervision")
TABS: Final = (
    ("mine", _("待我处理"), WAITING),
    ("open", _("办理中"), ~Q(status__in=OVER) & ~WAITING),
    ("closed", _("已办结"), Q(status__in=OVER)),
    ("all", _("全部"), Q()),
)


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The enterprise's appeals by what is to be done, searched, the newest first."""
    actor = act(request, enterprise)
    words = request.GET.get("q", "").strip()[:80]
    found = _searched(Appeal.objects.all().of(actor), words)
    counts = found.order_by().aggregate(
        **{key: Count("pk", filter=wanted) if wanted else Count("pk") for key, _label, wanted in TABS}
    )
    chosen = request.GET.get("tab", "")
    if chosen not in counts:
        chosen = next((key for key in ("mine", "open") if counts[key]), "all")
    wanted = next(wanted for key, _label, wanted in TABS if key == chosen)
    running = Q(
        orders__clocks__met_at=None, orders__clocks__paused_at=None, orders__clocks__target__in=ANSWERING
    )
    rows = found.filter(wanted).select_related("category").order_by("-pk")
    rows = rows.annotate(
        due_at=Min("orders__clocks__due_at", filter=running),
        provisional=BoolOr("orders__clocks__provisional", filter=running),
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "enterprise": actor.enterprise,
        "page": page,
        "rows": [(row, COLOURS.get(row.status, "info")) for row in page],
        "words": words,
        "tab": chosen,
        "tabs": [
            {"url": _address(key, words), "label": label, "count": counts[key], "current": key == chosen}
            for key, label, _wanted in TABS
        ],
    }
    return render(request, "appeals/portal/list.html", context)


@require_safe
def appeal(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """One appeal: where it stands and what may be done; another enterprise's is 404."""
    actor = act(request, enterprise)
    story = Story.of(own(actor, number))
    return shown(request, actor, story, offered(story))


@require_safe
def file(request: HttpRequest, enterprise: int, number: str, pk: int) -> FileResponse:
    """A file of an own appeal that the enterprise may open; else 404."""
    actor = act(request, enterprise)
    files = Attachment.objects.filter(appeal__enterprise=actor.enterprise, appeal__number=number, public=True)
    kept = get_object_or_404(files, pk=pk)
    return hand_out(kept.file, kept.name)


def _searched(rows: AppealQuerySet, words: str) -> AppealQuerySet:
    for word in words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(number__icontains=word) | Q(text__icontains=word))
    return rows


def _address(tab: str, words: str) -> str:
    return "?" + urlencode({"tab": tab} | ({"q": words} if words else {}))
