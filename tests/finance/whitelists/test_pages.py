"""Pages of whitelists: from the rule to what a bank reports, and whose they are not."""

import pytest
from django.utils import timezone

from finance.models import Whitelist, WhitelistResult
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.clients import cheap, signed_in
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import BankFactory, BankOfficerFactory, office
from tests.finance.pools.factories import WAN, now, official

pytestmark = pytest.mark.django_db


def at_desk(role):
    return signed_in(PostingFactory(department=office(), role=role, user__second_factor=True).user)


def at_bank(bank, role="officer"):
    return signed_in(BankOfficerFactory(bank=bank, role=role, user__second_factor=True).user)


@pytest.fixture
def rule():
    for _ in range(3):
        give_value(EnterpriseFactory(), "region", text="500231101")
    return products.published().rule_version


@pytest.fixture
def pushed(rule):
    plan = Plan("首贷培育名单", office(), rule, timezone.localdate())
    held, boss = draw_up(plan, by=official(Role.EDITOR), at=now()), official(Role.LEADER)
    pushing.confirm(held, by=boss, at=now())
    pushing.push(held, [BankFactory()], by=boss, at=now())
    return held


def test_from_the_rule_to_the_push(rule):
    at = f"/desk/{office().pk}/finance/whitelists/"
    bank = BankFactory()
    given = {"title": "名单", "rule_version": rule.pk}
    assert at_desk(Role.LEADER).post(at, given).status_code == 422
    assert at_desk(Role.EDITOR).post(at, given).status_code == 302
    one = f"{at}{Whitelist.objects.get().pk}/"
    entry = Whitelist.objects.get().entries.first()
    at_desk(Role.EDITOR).post(f"{one}exclude/", {"entry": entry.pk, "reason": "已注销"})
    boss = at_desk(Role.LEADER)
    boss.post(f"{one}confirm/")
    boss.post(f"{one}push/", {})
    assert Whitelist.objects.get().state == "confirmed"
    boss.post(f"{one}push/", {"banks": [bank.pk]})
    assert Whitelist.objects.get().state == "pushed"
    assert "名单" in cheap(boss, at).content.decode()
    assert "已剔除" in cheap(boss, one).content.decode()


def test_a_bank_reports_and_the_department_sees_it(pushed):
    bank = pushed.banks.get()
    browser, at = at_bank(bank), f"/bank/{bank.pk}/whitelists/"
    assert "首贷培育名单" in cheap(browser, at).content.decode()
    cheap(browser, f"{at}{pushed.pk}/")
    entry = pushed.entries.first()
    browser.post(f"{at}{pushed.pk}/entries/{entry.pk}/", {"outcome": "granted", "amount": ""})
    assert not WhitelistResult.objects.exists()
    browser.post(f"{at}{pushed.pk}/entries/{entry.pk}/", {"outcome": "granted", "amount": "50"})
    assert WhitelistResult.objects.get().amount_fen == 50 * WAN
    page = at_desk(Role.LEADER).get(f"/desk/{office().pk}/finance/whitelists/{pushed.pk}/")
    assert "已授信" in page.content.decode()


def test_not_another_banks(pushed):
    rival = BankFactory()
    browser, entry = at_bank(rival), pushed.entries.first()
    assert browser.get(f"/bank/{rival.pk}/whitelists/{pushed.pk}/").status_code == 404
    answer = f"/bank/{rival.pk}/whitelists/{pushed.pk}/entries/{entry.pk}/"
    assert browser.post(answer, {"outcome": "contacted"}).status_code == 404
