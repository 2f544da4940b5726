"""What every API of the portal shares: pages of a list, refusals as they are said, keys, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from portal.kernel.errors import DomainError

Decorator = Callable[[Any], Any]
LONGEST_KEY: Final = 60
IDEMPOTENCY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"\S"},
    OpenApiParameter.HEADER,
    required=True,
)
"""The header, as the OpenAPI document names it."""


class Refused(APIException):
    """The business refuses a step as the thing stands."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, error: DomainError) -> None:
        super().__init__({"detail": str(error), "code": error.code})


class KeyReused(Refused):
    """The same key with other words: two things that were meant to be one, or one key too few."""

    def __init__(self) -> None:
        super().__init__(DomainError(_("Idempotency-Key 已用于另一件。"), code="key_reused"))


class Pages(PageNumberPagination):
    """Pages of 20, up to 100 on request."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


def files_of_one(shown: type[Serializer[Any]], taken: type[Serializer[Any]]) -> Decorator:
    """The route of a list of files, to which one may be brought by POST, and what OpenAPI says of it."""
    routed = action(
        detail=True,
        methods=["get", "post"],
        parser_classes=[MultiPartParser],
        filterset_class=None,
        pagination_class=None,
    )
    body = {"multipart/form-data": taken}
    told = extend_schema(methods=["get"], summary="Its files", responses=shown(many=True))
    brought = extend_schema(methods=["post"], summary="Bring a file", request=body, responses={201: shown})
    return lambda view: told(brought(routed(view)))


def one_file(folder: str, *methods: Any) -> Decorator:
    """The route of a file below the folder of its list, and what OpenAPI says of reading it."""
    routed = action(
        detail=True,
        methods=["get", *methods],
        url_path=rf"{folder}/(?P<pk>[0-9]{{1,18}})",
        url_name="file",
        filterset_class=None,
    )
    binary = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
    told = extend_schema(methods=["get"], summary="One file", responses=binary)
    return lambda view: told(routed(view))


def idempotency_key(request: Request) -> str:
    """The request's `Idempotency-Key`, marked as the API's. Raises ValidationError without a fit one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValidationError({"Idempotency-Key": _("必填，最多 %(most)d 个字符。") % {"most": LONGEST_KEY}})
    return f"api:{key}"
