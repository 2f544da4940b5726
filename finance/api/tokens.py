"""Client credentials for a token (RFC 6749, 4.4), and who comes with one. oauthlib speaks the protocol."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from oauthlib.oauth2 import BackendApplicationServer, RequestValidator
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from finance.acting import BankActor
from finance.api.calls import TokenThrottle
from finance.api.clients import LASTS, digest_of, issue
from finance.models import BankClient, BankScope, BankToken
from portal.accounts.models import User

LONGEST: Final = 200
"""Characters of a credential that are looked at."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that calls, what its token allows, and for whom of which bank it acts."""

    client: BankClient
    scopes: frozenset[str]
    actor: BankActor


class Validator(RequestValidator):
    """What oauthlib asks about clients, all of it answered from the database."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """By HTTP Basic or in the body (RFC 6749, 2.3.1); the same answer for every reason it fails."""
        client_id, secret = _credentials(request)
        working = BankClient.objects.working(timezone.now())
        client = working.filter(client_id=client_id, digest=digest_of(secret)).first()
        if client is None:
            return False
        client.secret = secret  # type: ignore[attr-defined]
        request.client = client
        return True

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any, **kwargs: Any) -> bool:
        """There is one."""
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """All that the client has."""
        return list(request.client.scopes)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: BankClient, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Never more than it has."""
        return bool(scopes) and set(scopes) <= set(client.scopes)

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Its SHA-256. A client that was revoked since has no token of it: what it was told opens nothing."""
        client: Any = request.client
        scopes = token["scope"].split()
        issue(client.client_id, client.secret, scopes, at=timezone.now(), token=token["access_token"])


def _credentials(request: Any) -> tuple[str, str]:
    word, _blank, coded = (request.headers.get("Authorization") or "").partition(" ")
    if word.lower() == "basic":
        try:
            plain = base64.b64decode(coded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        client_id, _colon, secret = plain.partition(":")
        client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    else:
        client_id, secret = request.client_id or "", request.client_secret or ""
    return ("", "") if "\0" in client_id or len(client_id) > LONGEST else (client_id, secret)


SERVER: Final = BackendApplicationServer(
    Validator(),
    token_generator=lambda request: "dxt_" + secrets.token_urlsafe(32),
    token_expires_in=int(LASTS.total_seconds()),
)


class TokenRequestSerializer(serializers.Serializer[Any]):
    """Credentials may also come by HTTP Basic; without `scope` the token has all that the client has."""

    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    scope = serializers.CharField(required=False, help_text="Divided by blanks.")


class TokenSerializer(serializers.Serializer[Any]):
    """A token, which is shown this once."""

    access_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()


class TokenErrorSerializer(serializers.Serializer[Any]):
    """As RFC 6749, 5.2 says it."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


class TokenView(APIView):
    """Where a client of a bank gets its token."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]
    parser_classes = [FormParser]
    throttle_classes = [TokenThrottle]

    @extend_schema(
        summary="A token for an hour, for a client's credentials",
        request={"application/x-www-form-urlencoded": TokenRequestSerializer},
        responses={
            200: TokenSerializer,
            400: OpenApiResponse(TokenErrorSerializer, description="Not asked as it should be."),
            401: OpenApiResponse(TokenErrorSerializer, description="Credentials that open nothing."),
            (406, "application/json"): OpenApiTypes.OBJECT,
        },
        auth=[],
    )
    def post(self, request: Request) -> HttpResponse:
        """Errors are those of the standard, not the API's own."""
        headers = {"Authorization": request.headers.get("Authorization", "")}
        # The transport is secured before this process; oauthlib wants to see an address that says so.
        address = f"https://{request.get_host()}{request.path}"
        sent = request.data if isinstance(request.data, QueryDict) else QueryDict()
        body = [(name, value) for name, values in sent.lists() for value in values]
        said, text, status = SERVER.create_token_response(address, "POST", body, headers)
        answer = HttpResponse(text, status=status, content_type="application/json")
        for name in ("Cache-Control", "Pragma", "WWW-Authenticate"):
            if name in said:
                answer[name] = said[name]
        return answer


class BankAuthentication(BaseAuthentication):
    """`Authorization: Bearer dxt_…`: acts as the person whom the client was made for, for their bank."""

    def authenticate(self, request: Request) -> tuple[User, Caller] | None:
        """User and caller; None without a token. Raises AuthenticationFailed for one that opens nothing."""
        word, _blank, token = get_authorization_header(request).partition(b" ")
        if word.lower() != b"bearer":
            return None
        rows = BankToken.objects.valid(timezone.now()).filter(
            digest=digest_of(token.strip().decode("latin-1"))
        )
        found = rows.select_related("client__officer__user", "client__officer__bank__grantee").first()
        if found is None:
            raise AuthenticationFailed(_("令牌无效、已过期或已作废，请用客户端密钥重新获取。"))
        post = found.client.officer
        actor = BankActor(post.user, post.bank, post.role, post.branch)
        return post.user, Caller(found.client, frozenset(found.scopes) & set(found.client.scopes), actor)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class BankScoped(BasePermission):
    """A view says by `scope_of(action or method)` what its token must allow."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Of banks' tokens alone: a session opens nothing here."""
        return isinstance(request.auth, Caller) and view.wanted_scope() in request.auth.scopes


class BankScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = BankAuthentication
    name = "bankClient"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Client credentials."""
        scopes = {scope.value: str(scope.label) for scope in BankScope}
        flow = {"tokenUrl": "/api/v1/oauth/token/", "scopes": scopes}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """The scope that the operation wants."""
        return {self.name: [auto_schema.view.wanted_scope()]}
