"""The enterprise's page of its consents: whom it lets know what, who read when, and the end of it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enterprises.acting import act
from enterprises.consents import granting, hooks
from enterprises.consents import letter as papers
from enterprises.consents.forms import RevokeForm
from enterprises.consents.groups import words_of
from enterprises.consents.wording import whom
from enterprises.models import Consent
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
LIVE, ENDED = "live", "ended"


@require_safe
def consents(request: HttpRequest, enterprise: int) -> HttpResponse:
    """All of the enterprise's: those that hold, and those that have ended."""
    actor, now = act(request, enterprise), timezone.now()
    chosen = ENDED if request.GET.get("tab") == ENDED else LIVE
    own = Consent.objects.visible_to(actor)
    rows = {LIVE: own.live(now), ENDED: own.ended(now)}
    labels = {LIVE: _("有效"), ENDED: _("已结束")}
    shown = rows[chosen].select_related("enterprise", "grantee").annotate(reads=Count("readings"))
    page = Paginator(shown.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "enterprise": actor.enterprise,
        "tab": chosen,
        "tabs": [
            {"url": f"?tab={key}", "label": labels[key], "count": rows[key].count(), "current": key == chosen}
            for key in rows
        ],
        "page": page,
        "rows": [(row, whom(row)) for row in page],
    }
    return render(request, "enterprises/consents/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """One consent in plain words, every reading of it, and its end."""
    actor, now = act(request, enterprise), timezone.now()
    rows = Consent.objects.visible_to(actor).select_related("enterprise", "grantee", "given_by", "revoked_by")
    found = get_object_or_404(rows, number=number)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            granting.revoke(actor, found, form.cleaned_data["reason"], at=now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("已撤回，对方从现在起不能再查阅。"))
        return redirect("enterprise_consent", enterprise, number)
    readings = found.readings.select_related("user").order_by("-pk")
    live = found.is_live(now)
    context = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "consent": found,
        "whom": whom(found),
        "live": live,
        "aftermath": hooks.aftermath_of(found) if live else None,
        "groups": _groups(found),
        "form": form,
        "page": Paginator(readings, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "enterprises/consents/consent.html", context, status=422 if form.errors else 200)


@require_safe
def letter(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """The letter as PDF."""
    actor = act(request, enterprise)
    rows = Consent.objects.visible_to(actor).select_related("enterprise", "grantee")
    found = get_object_or_404(rows, number=number)
    try:
        return papers.letter(found, timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("enterprise_consent", enterprise, number)


def _groups(found: Consent) -> list[dict[str, Any]]:
    """What it is about, as it was agreed to."""
    return [
        {"name": group["key"], "words": words_of(group["key"]), "labels": group["labels"]}
        for group in found.content["groups"]
    ]
