"""A bank sees why an enterprise is on a list once it was let know, each time written down, and no longer."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.consents import granting
from enterprises.models import Consent, ConsentReading
from finance.whitelists import pushing
from finance.whitelists.consenting import consent_for
from portal.accounts.roles import Role
from tests.clients import cheap, signed_in
from tests.enterprises.consents.factories import consent_of
from tests.enterprises.factories import actor_of
from tests.finance.factories import BankOfficerFactory
from tests.finance.pools import factories as make
from tests.finance.pools.factories import now, official
from tests.finance.whitelists.factories import pushed_list

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner():
    return actor_of()


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def held(bank, owner):
    return pushed_list(bank, firms=[owner.enterprise])


def at_bank(bank):
    return signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)


def page(bank, held, last=""):
    return f"/bank/{bank.pk}/whitelists/{held.pk}/entries/{held.entries.get().pk}/{last}"


def own(owner, last=""):
    return f"/e/{owner.enterprise.pk}/finance/whitelists/{last}"


def test_without_a_consent_no_more_than_the_name(bank, held, owner):
    browser = at_bank(bank)
    shown = cheap(browser, page(bank, held)).content.decode()
    entry = held.entries.get()
    assert owner.enterprise.uscc in shown
    assert "首贷培育名单" in shown
    for one in entry.conditions:
        assert one["sentence"] not in shown
        assert one["detail"] not in shown
    refused = browser.get(page(bank, held, "why/"))
    assert refused.status_code == 403
    assert entry.conditions[0]["detail"] not in refused.content.decode()
    assert not ConsentReading.objects.exists()


def test_a_consent_for_a_loan_is_not_for_a_list(bank, held, owner):
    consent_of(owner, bank.grantee, reference="DK-2026-000001", facts=("region",))
    assert consent_for(held.entries.get(), bank, timezone.now()) is None
    assert at_bank(bank).get(page(bank, held, "why/")).status_code == 403


def test_let_know_read_and_ended(bank, held, owner):
    firm, entry = signed_in(owner.user), held.entries.get()
    assert bank.name in cheap(firm, own(owner)).content.decode()
    form_at = own(owner, f"{entry.pk}/banks/{bank.pk}/")
    form = firm.get(form_at).context["form"]
    assert [choice.facts for choice in form.choices] == [["region"]]
    given = {"consent-items": form.choices[0].key, "consent-days": "90", "consent-seen": form.shown}
    assert firm.post(form_at, given).status_code == 422
    assert firm.post(form_at, given | {"consent-agreed": "on"}).status_code == 302
    again = firm.post(form_at, given | {"consent-agreed": "on"})
    assert again.status_code == 422
    assert "已经授权" in again.content.decode()
    browser = at_bank(bank)
    shown = browser.get(page(bank, held, "why/"))
    assert entry.conditions[0]["sentence"] in shown.content.decode()
    assert shown["Cache-Control"] == "private, no-store"
    reading = ConsentReading.objects.get()
    assert "首贷培育名单" in reading.purpose
    granting.revoke(owner, Consent.objects.get(), at=timezone.now())
    assert browser.get(page(bank, held, "why/")).status_code == 403
    assert ConsentReading.objects.count() == 1


def test_another_bank_and_another_firm_find_nothing(bank, held, owner):
    rival, entry = make.bank(), held.entries.get()
    browser = at_bank(rival)
    for last in ("", "why/"):
        assert browser.get(page(rival, held, last)).status_code == 404
    firm = signed_in(owner.user)
    assert firm.get(own(owner, f"{entry.pk}/banks/{rival.pk}/")).status_code == 404
    other = actor_of()
    assert "现在没有名单" in signed_in(other.user).get(own(other)).content.decode()
    assert signed_in(other.user).get(own(other, f"{entry.pk}/banks/{bank.pk}/")).status_code == 404


def test_a_list_that_is_over_asks_for_nothing(bank, held, owner):
    entry = held.entries.get()
    pushing.close(held, by=official(Role.LEADER), at=now() + dt.timedelta(seconds=1))
    firm = signed_in(owner.user)
    assert "现在没有名单" in firm.get(own(owner)).content.decode()
    assert firm.get(own(owner, f"{entry.pk}/banks/{bank.pk}/")).status_code == 404
