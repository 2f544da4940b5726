"""Systems of banks for tests: a client with its secret, and calls with its token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client

from finance.api.clients import make_client
from finance.models import Bank, BankScope
from tests.accounts.factories import UserFactory
from tests.finance.factories import BankOfficerFactory

TOKEN = "/api/v1/oauth/token/"
ROOT = "/api/v1/bank/"


class System:
    """A program of a bank."""

    def __init__(self, bank: Bank, scopes: Any = tuple(BankScope), role: str = "officer") -> None:
        self.bank, self.browser = bank, Client()
        self.post = BankOfficerFactory(bank=bank, role=role)
        self.client, self.secret = make_client(self.post, "信贷系统", scopes, by=UserFactory())
        self._keys = iter(range(1, 1000))
        self.token = ""

    def ask(self, secret: str | None = None, **more: str) -> Any:
        """For a token."""
        said = {"grant_type": "client_credentials", "client_id": self.client.client_id}
        said |= {"client_secret": self.secret if secret is None else secret} | more
        return self.browser.post(TOKEN, urlencode(said), content_type="application/x-www-form-urlencoded")

    def call(self, method: str, path: str, data: Any = None, key: str | None = "", **headers: str) -> Any:
        """With its token, got the first time; each change under a key of its own."""
        self.token = self.token or self.ask().json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"} | headers
        if method == "post" and key is not None:
            headers["Idempotency-Key"] = key or f"call-{next(self._keys)}"
        more = {"content_type": "application/json"} if method == "post" else {}
        return getattr(self.browser, method)(ROOT + path, data, headers=headers, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.call("get", path, query)

    def send(self, path: str, data: Any = None, key: str | None = "") -> Any:
        return self.call("post", path, data or {}, key)
