"""The grab hall as a provider sees it: live, with what it may take, its load, and the grab itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.grabbing import grab
from appeals.hall import Hall, HallOrder, hall
from appeals.provider.acting import act
from appeals.qualifying import Rights
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

PAGE_SIZE: Final = 20
KEPT: Final = 60
"""Seconds for which a rendered list is kept for colleagues who look at the same."""


@dataclass(frozen=True)
class View:
    """What one provider sees of a hall: every order or those it may take, a page of them."""

    hall: Hall
    rights: Rights
    mine: bool
    page: str

    @property
    def etag(self) -> str:
        """The same for the same list, on every process."""
        seen = repr((self.rights, sorted(self.rights.categories), self.mine, self.page, get_language()))
        own = hashlib.blake2b(seen.encode(), digest_size=8).hexdigest()
        return f'"{self.hall.digest}{own}"'

    def context(self) -> dict[str, Any]:
        """What the list's template asks for."""
        rows = self.hall.for_provider(self.rights.provider)
        fitting = [row for row in rows if not row[1]]
        page: Page[tuple[HallOrder, str]] = Paginator(fitting if self.mine else rows, PAGE_SIZE).get_page(
            self.page
        )
        return {
            "page": page,
            "total": len(rows),
            "fitting": len(fitting),
            "mine": self.mine,
            "wins": self.hall.wins,
            "rights": self.rights,
            "provider_id": self.rights.provider,
        }


@require_safe
def page(request: HttpRequest, provider: int) -> HttpResponse:
    """The hall, as it is now; the list in it goes on by itself."""
    post = act(request, provider)
    view = _view(request, provider, fresh=True)
    return render(
        request,
        "appeals/provider/hall.html",
        {"provider": post.provider, "etag": view.etag, **view.context()},
    )


@require_safe
def live(request: HttpRequest, provider: int) -> HttpResponse:
    """The list alone, asked for every few seconds: 304 while nothing changed."""
    act(request, provider)
    view = _view(request, provider)
    unchanged = get_conditional_response(request, etag=view.etag)
    if unchanged is None or unchanged.status_code != 304:
        key = f"hall:{view.etag}"
        listed = cache.get(key)
        if listed is None:
            listed = render_to_string("appeals/provider/hall_list.html", view.context(), request)
            cache.set(key, listed, KEPT)
        unchanged = HttpResponse(listed)
    unchanged["ETag"] = view.etag
    unchanged["Cache-Control"] = "private, no-cache"
    return unchanged


@require_POST
def take(request: HttpRequest, provider: int) -> HttpResponse:
    """Grab an order: 200 for the winner however often, 409 with who and when for the others, 422 refused."""
    post = act(request, provider)
    context: dict[str, Any] = {"provider": post.provider}
    try:
        grabbed = grab(posted_id(request.POST.get("order", "")), post.provider, by=post.user)
    except DomainError as error:
        return render(request, "appeals/provider/grabbed.html", {**context, "error": str(error)}, status=422)
    context["grabbed"] = grabbed
    return render(request, "appeals/provider/grabbed.html", context, status=200 if grabbed.won else 409)


def _view(request: HttpRequest, provider: int, *, fresh: bool = False) -> View:
    shown = hall(fresh=fresh)
    if provider not in shown.rights:  # made a moment ago
        shown = hall(fresh=True)
    if provider not in shown.rights:
        raise Http404(_("没有这家机构。"))
    mine = request.GET.get("show") == "mine"
    return View(shown, shown.rights[provider], mine, request.GET.get("page", "")[:6])
