"""Requests: a GET cannot write, and a row is reached only for the one who acts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import BadRequest
from django.db import connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import resolve

View = TypeVar("View", bound=Callable[..., Any])
SIGN_IN: Final = "allauth."
"""Modules whose callbacks by GET may write: e-mail confirmation, single sign-on."""


def writes_on_get(view: View) -> View:
    """Exempt a view whose reading must be recorded (consent, code scans). For classes: on `dispatch`."""

    @wraps(view)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    recorded.writes_on_get = True  # type: ignore[attr-defined]
    return recorded  # type: ignore[return-value]


class NoNullCharactersMiddleware:
    """Answers 400 to an address with a NUL in its path or query: no text in PostgreSQL can hold one.

    What is posted goes through forms, whose fields refuse it by themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        return self.get_response(request)


class ReadOnlyGetMiddleware:
    """GET and HEAD run in a transaction that PostgreSQL keeps read-only; a write raises InternalError.

    The user is loaded before: a session that is no longer valid is flushed then, which writes. The session
    itself is saved by its own middleware, further out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or _may_write(request):
            return self.get_response(request)
        _ = request.user.is_authenticated
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            return self.get_response(request)


def _may_write(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Http404:
        return False
    return getattr(view, "writes_on_get", False) or view.__module__.startswith(SIGN_IN)


@dataclass(frozen=True, slots=True)
class Actor:
    """A user and whom they act for (an enterprise, a department, a bank); that one stands in the URL."""

    user: AbstractBaseUser | Any
    acting_for: models.Model | None = None


def visible_or_404(model: type[models.Model], actor: Actor | Any, **lookup: Any) -> Any:
    """The one row of `model.objects.visible_to(actor)` that the lookup names; what is not theirs is 404."""
    return get_object_or_404(model._default_manager.visible_to(actor), **lookup)  # type: ignore[attr-defined]


def posted_id(text: str) -> int:
    """The id of a row that a form's field names; 0, which no row has, for whatever cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
