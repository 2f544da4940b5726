"""The OpenAPI document tells of refusals too: every operation names those that it may answer with."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import AllowAny

WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")
WITH_BODY: Final = ("POST", "PUT", "PATCH")
REASONS: Final = {
    "400": "Something is missing or wrong: by the name of each field, or as `detail`.",
    "401": "No credentials, or ones that open nothing.",
    "403": "These credentials do not allow it.",
    "404": "Not there, or not yours.",
    "406": "Not to be had in the form asked for.",
    "409": "Not as it stands; `detail` says what to do, `code` says it to programs.",
    "415": "A body of this kind is not read here.",
    "429": "Too many calls; wait as many seconds as `Retry-After` says.",
}
"""What each refusal means, by its status."""
PROBLEMS: Final = {"type": "object", "additionalProperties": {}, "minProperties": 1}
"""By the name of what is wrong; a nested field holds the same again."""
WAIT: Final = {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "In seconds."}}


class RefusalSerializer(serializers.Serializer[Any]):
    """Why it was refused: in words, and where programs tell cases apart in a word for them."""

    detail = serializers.CharField()
    code = serializers.CharField(required=False)


class PortalSchema(AutoSchema):
    """The package's own, with the refusals that the portal's views have in common."""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        refusals = {status: self._refusal(status) for status in self._refusals()}
        return dict(sorted((refusals | bodies).items()))

    def _refusals(self) -> list[str]:
        """The statuses that the operation may refuse with."""
        signed_in = AllowAny not in self.view.permission_classes
        may_be = {
            "400": True,
            "401": signed_in,
            "403": signed_in,
            "404": "{" in self.path or self._get_paginator() is not None,
            "406": True,
            "409": self.method in WRITING,
            "415": self.method in WITH_BODY,
            "429": bool(self.view.throttle_classes),
        }
        return [status for status, so in may_be.items() if so]

    def _refusal(self, status: str) -> dict[str, Any]:
        said = PROBLEMS if status == "400" else self.resolve_serializer(RefusalSerializer, "response").ref
        headers = {"headers": WAIT} if status == "429" else {}
        return {**headers, "content": {"application/json": {"schema": said}}, "description": REASONS[status]}
