"""300 products before one enterprise: how many queries, and the time beside the help page's; judging beside
the plain evaluator's."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise
from finance.products.fitting import fit
from matching.plain.evaluate import judge
from matching.trees import rule_trees
from portal.accounts.models import User
from portal.shell.demo.showcase import HUBS
from tests.benchmarks import harness
from tests.benchmarks.bench_pages import AT_MOST, MOST_QUERIES, own_queries
from tests.finance import factories as make

PRODUCTS = 300


@pytest.fixture(scope="module")
def member(demo: None) -> Client:
    """Signed in as the demo's owner of an enterprise, with 300 products on offer."""
    make.many_published(PRODUCTS)
    client = Client()
    client.force_login(User.objects.get(username="hub"))
    return client


@pytest.mark.parametrize("query", [{}, {"tab": "not", "order": "amount", "page": "2"}], ids=["fits", "not"])
def test_the_enterprises_page(member: Client, query: dict[str, str]) -> None:
    firm = Enterprise.objects.get(uscc=HUBS)
    url, help_url = reverse("enterprise_finance", args=[firm.pk]), reverse("help")
    member.get(url, query)
    name = f"{PRODUCTS} credit products before one enterprise ({'fits' if not query else 'the rest'})"
    queries = own_queries(member, url, query)
    seconds, peer = harness.side_by_side(lambda: member.get(url, query), lambda: member.get(help_url))
    assert harness.below(f"{name}: queries", queries, "queries", MOST_QUERIES + 1).ok
    assert harness.within(f"{name} / help page", seconds, peer, at_most=AT_MOST).ok


def test_the_offer_is_judged_at_once(member: Client) -> None:
    firm, today = Enterprise.objects.get(uscc=HUBS), timezone.localdate()
    fitting = fit(firm, today)
    trees = rule_trees(fitting.book.rule_version_ids, fitting.knowledge.catalogue)

    def one_by_one() -> None:
        for tree in trees:
            judge(tree, fitting.knowledge, fitting.context)

    seconds, peer = harness.side_by_side(lambda: fit(firm, today), one_by_one)
    assert harness.within(
        f"{PRODUCTS} products read and judged / judged one by one", seconds, peer, at_most=3
    ).ok
