"""What the database holds of money against raw SQL of the application role: each constraint by its name."""

from importlib import import_module

import pytest
from django.apps import apps

from policies.models import Payment, money
from tests.money.breaches import CASES, drafted, freeze, unsent
from tests.money.factories import Desk, payment_of
from tests.money.forging import send
from tests.money.refusing import refused

pytestmark = pytest.mark.django_db
STANDS = import_module("policies.migrations.0017_money_stands")
KEYS = {
    "policies_award_as_made",
    "policies_payeeaccount_of_enterprise",
    "policies_payment_as_made",
    "policies_paymentbatch_of_line",
}
"""What composite foreign keys point to: their id alone is unique already."""


@pytest.mark.parametrize(("constraint", "provoke"), CASES)
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)


def test_no_constraint_is_left_out():
    ours = [apps.get_model("policies", name) for name in money.__all__]
    named = {constraint.name: constraint for model in ours for constraint in model._meta.constraints}
    tried = {name for name, _provoke in CASES}
    guards = {name for name, *_rest in STANDS._GUARDS} | {f"policies_{name}" for name in STANDS._KEYS}
    by_the_ledger = {"policies_transfer_once", "policies_transfer_payment"}  # nobody else can write there
    assert (set(named) | guards) - KEYS - by_the_ledger - tried == set()
    assert all(constraint.violation_error_message for constraint in named.values())


def test_a_freeze_of_another_line_or_batch_stops_nothing():
    batch = unsent()
    freeze(line=Desk().line)
    freeze(batch=drafted())
    send(payment_of(batch))
    assert Payment.objects.get(batch=batch).state == "sent"


@pytest.mark.parametrize("scope", ["line", "batch"])
def test_a_freeze_of_its_own_stops_it(scope):
    batch = unsent()
    freeze(**{scope: batch.line if scope == "line" else batch})
    refused("policies_payment_frozen", lambda: send(payment_of(batch)))
