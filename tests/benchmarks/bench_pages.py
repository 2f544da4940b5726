"""Pages over 5,000 items in force: how many queries they take, and their time beside the help page's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise
from policies.book import in_force
from policies.shelf import FACETS
from portal.accounts.models import User
from portal.kernel.kept import Kept
from portal.shell.demo.showcase import HUBS
from tests.benchmarks import harness
from tests.benchmarks.items import multiply_items

ITEMS = 5_000
MOST_QUERIES = 12
AT_MOST = 6
LISTS = {
    "searched": {"q": "工业企业升规奖励"},
    "searched in traditional characters, a word unknown": {"q": "工業企業 鎏金"},
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
    seconds, peer = harness.side_by_side(lambda: client.get(url, query), lambda: client.get(help_url))
    assert harness.below(f"{name}: queries", queries, "queries", MOST_QUERIES + 1).ok
    assert harness.within(f"{name} / help page", seconds, peer, at_most=AT_MOST).ok


@pytest.mark.parametrize("name", LISTS)
def test_the_list_of_items(member: Client, name: str) -> None:
    compare(member, f"list of {ITEMS:,} items, {name}", reverse("policies"), LISTS[name])


def test_the_list_narrowed_by_every_facet(member: Client) -> None:
    """By the choices of an item that is open, so that something is found."""
    today = timezone.localdate()
    entries = (one for one in in_force(today).entries if one.is_open(today) and one.topics and one.targets)
    entry = next(entries)
    query = {key: next(iter(choices(entry, today))) for key, choices in FACETS.items()}
    assert member.get(reverse("policies"), query).context["page"].paginator.count > 1
    compare(member, f"list of {ITEMS:,} items, narrowed by every facet", reverse("policies"), query)


@pytest.mark.parametrize("tab", ["fits", "open", "needs", "near"])
def test_my_policies(member: Client, tab: str) -> None:
    """As one looks at tab after tab: what was judged is kept while nothing changes."""
    compare(member, f"my policies over {ITEMS:,} items, {tab}", my_policies(), {"tab": tab})


@pytest.mark.parametrize("tab", ["fits", "near"])
def test_my_policies_judged_anew(member: Client, tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look after something changed: all items are judged again, each time."""

    class Forgetful(Kept[Any, Any]):
        def get(self, key: Any) -> None:
            return None

    monkeypatch.setattr("policies.survey._kept", Forgetful(1))
    compare(member, f"my policies over {ITEMS:,} items, {tab}, judged anew", my_policies(), {"tab": tab})


def my_policies() -> str:
    return reverse("enterprise_policies", args=[Enterprise.objects.get(uscc=HUBS).pk])
