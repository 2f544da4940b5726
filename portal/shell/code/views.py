"""The enterprise shows its code; whoever scans it sees what role and consent allow, and is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enterprises.acting import act
from enterprises.consents.reading import Reader, read
from enterprises.models import CodeScan, Enterprise
from enterprises.sheet import Row
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.language import in_language_of_record
from portal.shell.code.sight import Sight, sight_of
from portal.shell.code.signing import VALID, opened, picture, token_of

SHOWN: Final = 20
"""How many of the newest scans the enterprise sees."""


@never_cache
@require_safe
def own(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The code of this moment, and who scanned it lately; members show it on a phone."""
    actor = act(request, enterprise)
    address = reverse("code_scanned", args=[token_of(actor.enterprise)])
    context = {
        "enterprise": actor.enterprise,
        "picture": picture(request.build_absolute_uri(address)),
        "minutes": VALID // 60,
        "scans": actor.enterprise.scans.select_related("user")[:SHOWN],
    }
    return render(request, "shell/code/own.html", context)


@writes_on_get
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scanned(request: HttpRequest, token: str) -> HttpResponse:
    """What the one who scanned may see; a bank reads under a consent by a button, which is recorded."""
    enterprise, user, now = opened(token), signed_in(request), timezone.now()
    if enterprise is None:
        return render(request, "shell/code/over.html", status=410)
    if Enterprise.objects.visible_to(user).filter(pk=enterprise.pk).exists():
        return redirect("enterprise_home", enterprise.pk)
    sight = sight_of(request, enterprise, now)
    _note(enterprise, user, sight, now)
    found = _read(request, sight, now) if request.method == "POST" else None
    rows = sight.rows if found is None else found
    context = {"firm": enterprise, "sight": sight, "rows": rows, "read": found is not None}
    return render(request, "shell/code/scanned.html", context)


def _note(enterprise: Enterprise, user: User, sight: Sight, now: dt.datetime) -> None:
    """Once as long as a code holds: looking again is the same scan."""
    since = now - dt.timedelta(seconds=VALID)
    if not CodeScan.objects.filter(enterprise=enterprise, user=user, role=sight.role, at__gt=since).exists():
        CodeScan.objects.create(enterprise=enterprise, user=user, role=sight.role)


def _read(request: HttpRequest, sight: Sight, now: dt.datetime) -> Sequence[Row] | None:
    """What one of the consents lets the bank know, the reading recorded; None when it just ended."""
    asked = request.POST.get("consent", "")
    consent = next((consent for consent in sight.consents if consent.number == asked), None)
    if consent is None or sight.grantee is None:
        raise Http404
    try:
        with in_language_of_record():
            reader = Reader(sight.grantee, user=signed_in(request), why=_("扫企业码"))
        return read(consent.pk, reader, at=now).rows
    except DomainError as error:
        messages.error(request, str(error))
        return None
