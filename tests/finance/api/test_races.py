"""Banks' systems with connections of their own: tokens against their end, one key in two calls at once."""

from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from finance.api import clients
from finance.models import BankCall, BankClient, BankToken, Drawdown, LoanEvent
from portal.kernel.errors import DomainError
from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import WAN, bank, filed, put
from tests.money.refusing import refused
from tests.races import at_once, behind
from tests.rows import copy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def system():
    cache.clear()
    made = System(bank())
    made.get("loans/")  # it has its token
    return made


def twin(system):
    """The same system on another line: its own browser, the same token and key."""
    other = object.__new__(System)
    other.__dict__ = system.__dict__ | {"browser": Client()}
    return other


def issue(system, number):
    client = system.client
    return clients.issue(
        client.client_id, system.secret, client.scopes, at=timezone.now(), token=f"dxt_{number}"
    )


def end(system, how):
    client = BankClient.objects.get(pk=system.client.pk)
    return getattr(clients, how)(client, at=timezone.now())


@pytest.mark.parametrize("how", ["revoke", "renew_secret"])
def test_no_token_outlives_the_end_of_its_secret(system, how):
    found = at_once(*(partial(issue, system, number) for number in range(8)), partial(end, system, how))
    assert not [one for one in found if isinstance(one, Exception)]
    assert not BankToken.objects.filter(client=system.client).exists()
    assert issue(system, "late") is None


@pytest.mark.parametrize("how", ["revoke", "renew_secret"])
def test_a_token_asked_for_while_the_secret_ends_is_none(system, how):
    assert behind(lambda: end(system, how), lambda: issue(system, 1)) is None
    assert not BankToken.objects.filter(client=system.client).exists()


def test_a_token_on_its_way_ends_with_the_client(system):
    assert behind(lambda: issue(system, 1), lambda: end(system, "revoke")) is None
    assert not BankToken.objects.filter(client=system.client).exists()


def test_a_client_that_ends_gets_no_other_secret(system):
    error = behind(lambda: end(system, "revoke"), lambda: end(system, "renew_secret"))
    assert isinstance(error, DomainError), error
    assert error.code == "revoked"


def test_one_key_in_two_calls_at_once_acts_once(system):
    loan = filed(version=published(system.bank))
    calls = [partial(twin(system).send, f"loans/{loan.number}/accept/", key="k1") for _call in range(4)]
    answers = at_once(*calls)
    assert [one.status_code for one in answers] == [200] * 4, answers
    assert sorted("Idempotent-Replayed" in one for one in answers) == [False, True, True, True]
    assert LoanEvent.objects.filter(subject=loan, name="accept").count() == 1
    assert BankCall.objects.count() == 1


def test_money_told_of_twice_at_once_under_one_key_is_booked_once(system):
    loan = put("signed", filed(version=published(system.bank)))
    row = {"bank_number": loan.bank_number, "serial": "F-1", "on": str(timezone.localdate())}
    rows = {"rows": [row | {"amount_fen": 20 * WAN}]}
    answers = at_once(*[partial(twin(system).send, "drawdowns/", rows, key="k1") for _call in range(4)])
    assert [one.json() for one in answers] == [{"booked": 1, "known": 0}] * 4
    assert Drawdown.objects.count() == 1


def test_of_two_with_other_words_one_is_told(system):
    loans = [filed(version=published(system.bank)) for _loan in range(2)]
    calls = [partial(twin(system).send, f"loans/{loan.number}/accept/", key="k1") for loan in loans]
    assert sorted(one.status_code for one in at_once(*calls)) == [200, 409]
    assert LoanEvent.objects.filter(name="accept").count() == 1


def test_a_key_that_is_being_used_is_waited_for(system):
    loans = [filed(version=published(system.bank)) for _loan in range(2)]
    one, other = (partial(twin(system).send, f"loans/{loan.number}/accept/", key="k1") for loan in loans)
    assert getattr(behind(one, other), "status_code", None) == 409


def test_the_database_keeps_a_key_once_and_no_contact(system):
    loan = filed(version=published(system.bank))
    system.send(f"loans/{loan.number}/accept/", key="k1")
    call = BankCall.objects.get()
    refused("finance_bankcall_once", lambda: copy(call))
    for said in ("contact_name", "contact_phone"):
        refused("finance_bankcall_without_contact", lambda said=said: keep(call, said))


def keep(call, said):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_bankcall SET answer = jsonb_build_object(%s::text, 'x') WHERE id = %s",
            [said, call.pk],
        )
