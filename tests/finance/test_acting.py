"""Who gets to a bank's desk: its people of today, with the second factor, and nobody else."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone

from finance.acting import act
from tests.accounts.factories import UserFactory
from tests.finance.factories import BankFactory, BankOfficerFactory, BranchFactory

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/bank/1/")
    request.user = user
    return request


def test_an_officer_acts_for_their_own_bank_in_their_role():
    branch = BranchFactory()
    post = BankOfficerFactory(bank=branch.bank, branch=branch, role="manager")
    actor = act(request_of(post.user), branch.bank_id, "manager")
    assert (actor.user, actor.bank, actor.branch) == (post.user, branch.bank, branch)
    assert actor.holds("manager")
    assert not actor.holds("officer", "viewer")


@pytest.mark.parametrize(
    "case", ["another bank", "another role", "left", "yet to come", "superuser", "nobody", "inactive"]
)
def test_everybody_else_is_told_that_there_is_nothing(case):
    today = timezone.localdate()
    dates = {
        "left": {"until": today},
        "yet to come": {"since": today + dt.timedelta(days=1)},
    }.get(case, {})
    post = BankOfficerFactory(user__is_active=case != "inactive", **dates)
    user = {"superuser": UserFactory(is_superuser=True), "nobody": AnonymousUser()}.get(case, post.user)
    bank = BankFactory().pk if case == "another bank" else post.bank_id
    with pytest.raises(Http404):
        act(request_of(user), bank, *(["viewer"] if case == "another role" else []))


def test_the_last_day_counts():
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    post = BankOfficerFactory(until=tomorrow, since=timezone.localdate())
    assert act(request_of(post.user), post.bank_id).role == "officer"


def test_a_banks_desk_asks_for_the_second_factor_and_tells_others_no(client: Client):
    post = BankOfficerFactory()
    address = f"/bank/{post.bank_id}/"
    client.force_login(post.user)
    answer = client.get(address)
    assert (answer.status_code, "totp" in answer["Location"]) == (302, True)
    client.force_login(UserFactory())
    assert client.get(address).status_code == 403
