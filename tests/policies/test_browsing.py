"""Browsing in memory finds what SQL finds; what a process keeps of the versions in force is never stale."""

import datetime as dt
import itertools
import threading

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from policies import book, services
from policies.browsing import Browsing
from policies.models import ItemVersion
from policies.search import ORDERINGS, find
from policies.search.index import index_many
from portal.accounts.models import Department
from tests.policies import factories as make

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture
def county(db):
    """Items that differ in every facet, some alike in what they are ordered by."""
    soon = TODAY() + dt.timedelta(days=5)
    tax = Department.objects.get(code="tax")
    levels, modes, benefits = ("county", "municipal", "national"), ("apply", "enjoy"), ("money", "tax")
    topics = (["技改"], ["技改", "稳岗"], [])
    for number, (level, mode, benefit) in enumerate(itertools.product(levels, modes, benefits)):
        version = make.published(
            title=f"{'技改' if number % 2 else '稳岗'}奖励第{number % 3}批",
            level=level,
            mode=mode,
            benefit=benefit,
            topics=topics[number % 3],
            targets=["中小企业"] if number % 4 else ["个体工商户", "小微企业"],
            window_from=soon if number % 5 == 0 else None,
            window_to=soon if number % 3 == 0 else None,
            rule_amount={"fixed": str(number % 4 + 1), "unit": "万元"} if number % 7 else {"text": "另定"},
        )
        if number % 2:
            type(version.item).objects.filter(pk=version.item_id).update(department=tax)
    index_many(ItemVersion.objects.all())


def given(chosen):
    query = QueryDict(mutable=True)
    for key, values in chosen.items():
        query.setlist(key, values)
    return query


CHOICES = (
    {},
    {"level": ["county"]},
    {"level": ["county", "national"], "mode": ["enjoy"]},
    {"department": ["tax"]},
    {"topic": ["稳岗"], "target": ["小微企业", "中小企业"]},
    {"benefit": ["tax"], "open_now": ["true"]},
    {"open_now": ["false"]},
    {"topic": ["没有的主题"]},
    {"mode": ["没有的方式"]},
)


WORDS = ("", "技改", "稳岗奖励", "技改 鎏金", "第2批", "鎏金")


def test_memory_finds_what_sql_finds(county):
    in_force = ItemVersion.objects.in_force(TODAY())
    for words, chosen, ordering in itertools.product(WORDS, CHOICES, ("", *ORDERINGS, "nonsense")):
        expected = [version.pk for version in find(in_force, words, ordering, given(chosen))]
        found = Browsing(book.in_force(TODAY()), words, given(chosen)).listing(ordering)
        assert list(found.ids) == expected, (words, chosen, ordering)


def test_a_choice_leaves_as_many_as_its_count_says(county):
    kept = book.in_force(TODAY())
    for chosen in CHOICES:
        for facet in Browsing(kept, "奖励", given(chosen)).facets():
            for option in facet.options:
                narrowed = given(chosen)
                narrowed.setlist(facet.key, [option.value])
                assert len(Browsing(kept, "奖励", narrowed).listing()) == option.count


def test_a_choice_made_stays_on_the_page_even_when_it_leaves_nothing(county):
    facets = Browsing(book.in_force(TODAY()), "鎏金", given({"level": ["county"]})).facets()
    assert [option.value for facet in facets for option in facet.options] == ["county"]


def codes():
    return {entry.version_id for entry in book.in_force(TODAY()).entries}


@pytest.mark.django_db(transaction=True)
def test_the_book_is_kept_until_something_changes(django_assert_num_queries):
    version = make.published()
    assert codes() == {version.pk}
    with django_assert_num_queries(1):
        assert book.in_force(TODAY()) is book.in_force.__globals__["_kept"][1]
    with django_assert_num_queries(2):
        assert len(book.in_force(TODAY() + dt.timedelta(days=1)).entries) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["publish", "withdraw", "move"])
def test_every_change_of_what_lists_show_is_seen(change):
    version = make.published()
    before = book.in_force(TODAY())
    if change == "publish":
        make.published()
    elif change == "withdraw":
        services.withdraw(version, by=make.publisher(), reason="文件废止")
    else:
        item = version.item
        item.department = Department.objects.get(code="tax")
        item.save()
    after = book.in_force(TODAY())
    assert after != before
    assert book.in_force(TODAY()) is after


@pytest.mark.django_db(transaction=True)
def test_a_draft_changes_nothing():
    make.published()
    before = book.in_force(TODAY())
    make.submitted()
    assert book.in_force(TODAY()) is before


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_commits_late_is_not_missed():
    """It began before the book was read and ends after: its numbers are lower than those seen."""
    early, late = make.submitted(), make.submitted()
    boss = make.publisher()
    written, may_commit = threading.Event(), threading.Event()

    def publish_slowly():
        with transaction.atomic():
            services.publish(early, by=boss)
            written.set()
            assert may_commit.wait(20)
        connection.close()

    slow = threading.Thread(target=publish_slowly)
    slow.start()
    assert written.wait(20)
    services.publish(late, by=boss)
    assert codes() == {late.pk}
    may_commit.set()
    slow.join()
    assert codes() == {early.pk, late.pk}


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_kept():
    version = make.submitted()
    boss = make.publisher()
    assert codes() == set()
    with transaction.atomic():
        services.publish(version, by=boss)
        assert codes() == {version.pk}
        transaction.set_rollback(True)
    assert codes() == set()
