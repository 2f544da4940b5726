"""Small rules about answers: what the admin's scripts need, where a lost session sends htmx or a form."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import is_valid_path

Answer = Callable[[HttpRequest], HttpResponse]

ADMIN_NEEDS = {"script-src": ["'unsafe-eval'", "'unsafe-inline'"], "style-src": ["'unsafe-inline'"]}
"""unfold runs Alpine.js, which evaluates attributes; nowhere else is this allowed."""


def admin_content_policy(answer: Answer) -> Answer:
    """Widen the content security policy under `/admin/` only."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.path.startswith("/admin/"):
            response._csp_update = ADMIN_NEEDS  # type: ignore[attr-defined]
        return response

    return middleware


def whole_page_redirects(answer: Answer) -> Answer:
    """Send htmx to the sign-in page as a whole page, never swap it into a corner of the old one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        target = response.headers.get("Location", "")
        if request.headers.get("HX-Request") and "/accounts/" in target and response.status_code == 302:
            whole = HttpResponse(status=200)
            whole.headers["HX-Redirect"] = target
            return whole
        return response

    return middleware


def forms_lead_to_their_page(answer: Answer) -> Answer:
    """Lead whoever opens the address of a form, say after signing in again, to the page above it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        opened = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if opened and isinstance(response, HttpResponseNotAllowed):
            return redirect(_page_above(request.path))
        return response

    return middleware


def _page_above(path: str) -> str:
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            return path
    return path
