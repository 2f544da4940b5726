"""Small rules about answers: their language, what the admin's scripts need, where a lost session leads."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import is_valid_path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

Answer = Callable[[HttpRequest], HttpResponse]

ADMIN_NEEDS = {"script-src": ["'unsafe-eval'", "'unsafe-inline'"], "style-src": ["'unsafe-inline'"]}
"""unfold runs Alpine.js, which evaluates attributes; nowhere else is this allowed."""

SAID = {
    400: _("请求的地址或内容有误。"),
    403: _("请求未通过安全校验，或没有这项权限。"),
    404: _("没有这个接口，或没有这份内容。"),
    500: _("系统出错，请稍后再试。"),
}
"""What programs are told where no page of the API answers."""


def language_as_chosen(answer: Answer) -> Answer:
    """Speak the language chosen at the foot of a page; until then Chinese, whatever the browser accepts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            return answer(request)

    return middleware


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


def programs_are_told_in_json(answer: Answer) -> Answer:
    """Say what went wrong below `/api/` as the API says it, where a page for people would answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        wrong = response.status_code >= 400 and request.path.startswith("/api/")
        if wrong and response.headers.get("Content-Type", "").startswith("text/html"):
            status = response.status_code
            return JsonResponse({"detail": SAID.get(status, _("请求未能处理。"))}, status=status)
        return response

    return middleware


def _page_above(path: str) -> str:
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            return path
    return path
