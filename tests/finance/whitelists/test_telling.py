"""An enterprise is told that it was recommended, to whom and why, and what came of it; it sees no more."""

import pytest

from finance.whitelists import pushing
from finance.whitelists.excluding import exclude
from finance.whitelists.pushing import Report
from finance.whitelists.taking import book
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from tests.clients import cheap, signed_in
from tests.enterprises.factories import actor_of
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, now, official
from tests.finance.whitelists.factories import drawn_list
from tests.finance.whitelists.test_returns import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return actor_of()


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def entry(bank, owner):
    """Of the owner's firm, on a list with another one that was taken off."""
    other, boss = actor_of().enterprise, official(Role.LEADER)
    held = drawn_list(other, owner.enterprise)
    exclude(held.entries.get(enterprise=other), "已注销", by=held.drafted_by, at=now())
    pushing.confirm(held, by=boss, at=now())
    pushing.push(held, [bank], by=boss, at=now())
    return held.entries.get(enterprise=owner.enterprise)


def told(entry):
    """Titles that the enterprise was sent, the oldest first."""
    found = OutboxEntry.objects.filter(
        payload__mailbox=entry.enterprise.mailbox_id, payload__kind="whitelist"
    )
    return [one.payload["title"] for one in found.order_by("pk")]


def page(owner, entry):
    return f"/e/{owner.enterprise.pk}/finance/whitelists/{entry.pk}/"


def test_who_is_on_it_is_told_and_who_was_taken_off_is_not(entry, owner, bank):
    (title,) = told(entry)
    assert "推荐给 1 家银行：首贷培育名单" in title
    sent = OutboxEntry.objects.get(payload__title=title)
    assert bank.name in sent.payload["body"]
    assert sent.payload["url"] == page(owner, entry)
    assert told(entry.whitelist.entries.exclude(excluded="").get()) == []


def test_what_came_of_it_is_told_once_for_each_answer(entry, bank):
    by = make.actor(bank)
    pushing.report(entry, Report("contacted"), by=by, at=now())
    assert len(told(entry)) == 1
    for _ in range(2):
        pushing.report(entry, Report("granted", 50 * WAN), by=by, at=now())
    assert told(entry)[1:] == [f"{bank.name}对推荐“首贷培育名单”的结果：已授信 50 万元"]
    row = (entry.enterprise.uscc, "", "不符合本行条件", None, "")
    book(brought(entry.whitelist, by, row), by=by, at=now())
    assert told(entry)[2:] == [f"{bank.name}对推荐“首贷培育名单”的结果：不符合本行条件"]


def test_its_page_says_why_to_whom_and_what_to_do(entry, owner, bank):
    by = make.actor(bank)
    pushing.report(entry, Report("granted", 50 * WAN, "内部：先做抵押"), by=by, at=now())
    browser = signed_in(owner.user)
    shown = cheap(browser, page(owner, entry)).content.decode()
    for words in (
        entry.conditions[0]["sentence"],
        "税务局",
        bank.name,
        "50 万元",
        "有异议怎么办",
        "提交诉求",
    ):
        assert words in shown, words
    assert "内部" not in shown  # a bank's note is the department's and its own
    assert f"{page(owner, entry)}banks/{bank.pk}/" in shown
    pushing.close(entry.whitelist, by=official(Role.LEADER), at=now())
    after = browser.get(page(owner, entry)).content.decode()
    assert "已结束" in after
    assert f"{page(owner, entry)}banks/{bank.pk}/" not in after


def test_another_firm_does_not_see_it(entry, owner):
    other = actor_of()
    assert signed_in(other.user).get(page(other, entry)).status_code == 404
    assert signed_in(other.user).get(page(owner, entry)).status_code == 404
    out = entry.whitelist.entries.exclude(excluded="").get()
    assert signed_in(owner.user).get(page(owner, out)).status_code == 404
