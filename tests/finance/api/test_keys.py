"""What is sent twice under one `Idempotency-Key` is done once."""

import pytest
from django.core.cache import cache

from finance.models import LoanEvent
from tests.enterprises.factories import actor_of
from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import bank, filed, put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def system():
    return System(bank())


@pytest.fixture
def owner():
    return actor_of()


@pytest.fixture
def loan(system, owner):
    return filed(owner, published(system.bank))


def test_the_same_key_acts_once_and_answers_the_same(system, loan):
    first, again = (system.send(f"loans/{loan.number}/accept/", key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert LoanEvent.objects.filter(subject=loan, name="accept").count() == 1


def test_the_same_key_with_other_words_conflicts(system, loan):
    system.send(f"loans/{loan.number}/accept/", key="k1")
    for path, said in (("accept", {"x": 1}), ("refuse", {"reason": "x"})):
        told = system.send(f"loans/{loan.number}/{path}/", said, key="k1")
        assert (told.status_code, told.json()["code"]) == (409, "key_reused")


def test_another_banks_key_of_the_same_name_is_its_own(system, loan):
    other = System(bank())
    system.send(f"loans/{loan.number}/accept/", key="k1")
    theirs = filed(version=published(other.bank))
    assert other.send(f"loans/{theirs.number}/accept/", key="k1").json()["number"] == theirs.number


def test_what_was_refused_may_be_sent_again_under_its_key(system, loan):
    row = {"reason": "x"}
    put("approved", loan)
    assert system.send(f"loans/{loan.number}/refuse/", row, key="k1").status_code == 409
    fresh = filed(version=published(system.bank))
    put("accepted", fresh)
    assert system.send(f"loans/{fresh.number}/refuse/", row, key="k1").status_code == 200


@pytest.mark.parametrize("key", [None, " ", "x" * 61])
def test_a_key_is_wanted(system, loan, key):
    told = system.send(f"loans/{loan.number}/accept/", key=key)
    assert (told.status_code, list(told.json())) == (400, ["Idempotency-Key"])
    loan.refresh_from_db()
    assert loan.state == "submitted"
