"""Browsers of the test client: whose they are, and what a page may ask of the database."""

from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST_QUERIES = 12


def signed_in(user: Any) -> Client:
    """A browser of the user, whom nothing cached knows."""
    cache.clear()
    client = Client()
    client.force_login(user)
    return client


def cheap(client: Client, address: str, most: int = MOST_QUERIES) -> Any:
    """The answer of a page, which by its second time takes few queries."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, address
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "SET "))]
    assert len(asked) <= most, [sql[:120] for sql in asked]
    return answer
