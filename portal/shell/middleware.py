"""Two small rules about answers: what the admin's scripts need, and where a lost session sends htmx."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
