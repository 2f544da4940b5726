"""What every API of the portal shares: pages of a list, refusals as they are said, keys of a request."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from portal.kernel.errors import DomainError

LONGEST_KEY: Final = 60
IDEMPOTENCY: Final = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True
)
"""The header, as the OpenAPI document names it."""


class KeyReused(APIException):
    """The same key with other words: two things that were meant to be one, or one key too few."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy("Idempotency-Key 已用于另一件。")
    default_code = "key_reused"


class Refused(APIException):
    """The business refuses a step as the thing stands."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, error: DomainError) -> None:
        super().__init__({"detail": str(error), "code": error.code})


class Pages(PageNumberPagination):
    """Pages of 20, up to 100 on request."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


def idempotency_key(request: Request) -> str:
    """The request's `Idempotency-Key`, marked as the API's. Raises ValidationError without a fit one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(key) <= LONGEST_KEY:
        raise ValidationError({"Idempotency-Key": _("必填，最多 %(most)d 个字符。") % {"most": LONGEST_KEY}})
    return f"api:{key}"
