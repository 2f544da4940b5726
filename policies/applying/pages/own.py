"""Which application a page is about: the own one of the enterprise in the address, or 404."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from enterprises.actors import Actor
from policies.models import Application


def own(actor: Actor, number: str, *decided: str) -> Application:
    """The enterprise's own application of that number, or `Http404`; one query.

    `decided`: who else stands on the page, say `decided_by`.
    """
    related = ("enterprise", "filler", "item", "version__item__department", "version__rule_version", *decided)
    return get_object_or_404(Application.objects.of(actor).select_related(*related), number=number)


def to_page(application: Application) -> HttpResponse:
    """Back to the application's page: its form, or what became of it."""
    return redirect("enterprise_application", application.enterprise_id, application.number)


def asked_by_script(request: HttpRequest) -> bool:
    """Whether `apply.js` asks, which wants JSON, and not a person who wants a page."""
    return request.headers.get("Accept", "").startswith("application/json")
