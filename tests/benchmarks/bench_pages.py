"""Pages over 5,000 items in force: how many queries they take, and their time beside the help page's."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import Enterprise
from portal.accounts.models import User
from portal.shell.demo.showcase import HUBS
from tests.benchmarks import harness
from tests.benchmarks.items import multiply_items

ITEMS = 5_000
MOST_QUERIES = 12
AT_MOST = 6
EVERY_FACET = {
    "level": "county",
    "department": "economy",
    "topic": "升规",
    "benefit": "money",
    "target": "工业企业",
    "mode": "apply",
    "open_now": "true",
}
LISTS = {
    "searched": {"q": "工业企业升规奖励"},
    "searched in traditional characters, a word unknown": {"q": "工業企業 鎏金"},
    "searched, narrowed by every facet": {"q": "企业", **EVERY_FACET},
    "the last page of all": {"page": "last"},
    "by deadline, a page in the middle": {"order": "deadline", "page": "120"},
    "by amount": {"order": "amount"},
}


@pytest.fixture(scope="module")
def member(demo: None) -> Client:
    """Signed in as the demo's owner of an enterprise, with 5,000 items in force."""
    multiply_items(ITEMS)
    client = Client()
    client.force_login(User.objects.get(username="hub"))
    return client


def own_queries(client: Client, url: str, query: dict[str, str]) -> int:
    """How many statements the page needs, but for those that begin, end and restrict its transaction."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, query).status_code == 200
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET TRANSACTION")
    return sum(not one["sql"].startswith(frame) for one in captured.captured_queries)


def compare(client: Client, name: str, url: str, query: dict[str, str]) -> None:
    client.get(url, query)
    queries = own_queries(client, url, query)
    help_url = reverse("help")
    peer = harness.median(lambda: client.get(help_url))
    seconds = harness.median(lambda: client.get(url, query))
    assert harness.below(f"{name}: queries", queries, "", MOST_QUERIES + 1).ok
    assert harness.within(f"{name} / help page", seconds, peer, at_most=AT_MOST).ok


@pytest.mark.parametrize("name", LISTS)
def test_the_list_of_items(member: Client, name: str) -> None:
    compare(member, f"list of {ITEMS:,} items, {name}", reverse("policies"), LISTS[name])


@pytest.mark.parametrize("tab", ["fits", "open", "needs", "near"])
def test_my_policies(member: Client, tab: str) -> None:
    url = reverse("enterprise_policies", args=[Enterprise.objects.get(uscc=HUBS).pk])
    compare(member, f"my policies over {ITEMS:,} items, {tab}", url, {"tab": tab})
