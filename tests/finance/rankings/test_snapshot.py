"""A month is ranked once, by what the records said, and stays what it was."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import DatabaseError
from django.utils import timezone

from finance.measures import first_of_month
from finance.models import Indicator, RankingLine, RankingModel, RankingSnapshot, RankingVersion
from finance.rankings import publishing, snapshot
from finance.rankings.indicators import NOTHING, VALUES, reached, values
from finance.rankings.snapshot import take
from finance.tasks import rank_banks
from portal.accounts.roles import Role
from tests.finance.factories import BankFactory
from tests.finance.lending.factories import put
from tests.finance.pools.factories import official, pool
from tests.finance.rankings.factories import drafted, months_back, taken, used
from tests.money.refusing import denied, refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db


def weighed(direction="higher", weight=10, **fields):
    return Indicator(key="lent", weight=weight, direction=direction, **fields)


def test_a_month_that_is_not_over_has_no_ranking():
    told("not_over", lambda: take(first_of_month(timezone.localdate()), at=timezone.now()))


def test_without_a_version_nothing_is_taken():
    change(RankingModel.objects.get(), code="others")
    told("no_version", lambda: taken())
    assert rank_banks() == 0


def test_a_month_is_taken_once():
    BankFactory.create_batch(2)
    first = taken()
    lines = list(first.lines.values_list("bank", "points", "rank"))
    put("drawn")
    assert taken() == first
    assert list(first.lines.values_list("bank", "points", "rank")) == lines
    assert rank_banks() == 0
    assert RankingSnapshot.objects.count() == 1


def test_the_task_takes_the_month_that_is_over():
    assert rank_banks() == 1
    assert RankingSnapshot.objects.get().month == months_back()


def test_months_that_nobody_took_are_caught_up():
    """Those since the oldest table, of the last twelve months; one that is there stays as it is."""
    kept = taken(3)
    assert rank_banks() == 2
    assert set(RankingSnapshot.objects.values_list("month", flat=True)) == {months_back(n) for n in (1, 2, 3)}
    taken(14)
    assert rank_banks() == 9
    assert RankingSnapshot.objects.get(month=kept.month) == kept
    assert rank_banks() == 0


def test_a_month_that_cannot_be_taken_keeps_no_other_from_its_table(monkeypatch, caplog):
    taken(3)
    real = snapshot.recorded

    def failing(month):
        if month == months_back(2):
            raise DatabaseError
        return real(month)

    monkeypatch.setattr(snapshot, "recorded", failing)
    assert rank_banks() == 1
    assert f"The ranking of {months_back(2)}" in caplog.text
    monkeypatch.undo()
    assert rank_banks() == 1


def test_a_month_is_ranked_by_the_version_in_use_when_it_ended():
    before, (draft, _author) = used(), drafted(lent=5, first=7)
    publishing.publish(draft, by=official(Role.PUBLISHER), seen=publishing.digest(draft.indicators.all()))
    published = RankingVersion.objects.get(pk=draft.pk).published_at
    assert taken().version == before
    assert RankingVersion.objects.in_use_at("banks", published) == before
    assert RankingVersion.objects.in_use_at("banks", published + dt.timedelta(seconds=1)) == draft


def test_a_snapshot_stands():
    BankFactory()
    held = taken()
    line = held.lines.get()
    denied(lambda: change(held, taken_at=timezone.now()))
    denied(lambda: delete(held))
    denied(lambda: change(line, rank=2))
    denied(lambda: delete(line))
    refused("finance_rankingsnapshot_once", lambda: copy(held))
    refused("finance_rankingsnapshot_month", lambda: copy(held, month=months_back() + dt.timedelta(1)))
    refused("finance_rankingline_once", lambda: copy(line))
    refused("finance_rankingline_points", lambda: copy(line, bank_id=BankFactory().pk, points=10_001))


def test_the_best_reaches_all_and_the_worst_nothing():
    said = {1: Decimal(10), 2: Decimal(5), 3: Decimal(0), 4: None}
    assert reached(weighed(), said) == {1: 1, 2: Fraction(1, 2), 3: 0, 4: None}
    assert reached(weighed("lower"), said) == {1: 0, 2: Fraction(1, 2), 3: 1, 4: None}


def test_alike_reach_all_unless_it_is_nothing():
    assert reached(weighed(), {1: Decimal(3), 2: Decimal(3)}) == {1: 1, 2: 1}
    assert reached(weighed(), {1: Decimal(0), 2: Decimal(0)}) == {1: 0, 2: 0}
    assert reached(weighed("lower"), {1: Decimal(0), 2: None}) == {1: 1, 2: None}
    assert reached(weighed(), {1: None}) == {1: None}


def test_what_no_record_says_is_not_measured():
    said = values(weighed(recorded=False), {1: dict(NOTHING)})
    assert said == {1: None}
    silent = set(used().indicators.filter(recorded=False).values_list("key", flat=True))
    assert silent == {"fees", "deposit_ratio", "taxes", "outreach"}
    assert set(used().indicators.exclude(key__in=silent).values_list("key", flat=True)) == set(VALUES)


def test_the_model_case_has_thirteen_groups_and_twenty_eight_indicators():
    shown = used().indicators.all()
    assert (len(shown), len({one.group for one in shown})) == (28, 13)
    assert sum(one.weight for one in shown) == 100


def test_points_of_a_line_are_the_sum_of_its_indicators_and_its_weights_a_hundred():
    put("drawn")
    BankFactory()
    for line in taken().lines.all():
        assert line.points == sum(got for _value, got, _weight in line.values.values())
        assert sum(weight for _value, _got, weight in line.values.values()) == 10_000
        assert {row[2] for row in line.values.values() if row[0] is None} == {0}
    ranks = list(RankingLine.objects.order_by("-points").values_list("rank", flat=True))
    assert ranks == sorted(ranks)
    assert RankingVersion.objects.count() == 1


def test_a_bank_in_no_list_and_no_pool_is_not_measured_by_them():
    pooled, other = BankFactory.create_batch(2)
    pool(pooled)
    found = {line.bank_id: line.values for line in taken().lines.all()}
    keys = ("listed_answered", "listed_granted", "pool_fen", "pool_loans")
    assert [found[other.pk][key][0] for key in keys] == [None] * 4
    assert [found[pooled.pk][key][0] for key in keys] == [None, None, "0.00", "0"]
