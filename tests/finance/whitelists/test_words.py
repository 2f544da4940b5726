"""What banks say of a list: sums only with credit, nothing lost in a correction, nobody's word undone."""

import datetime as dt

import pytest

from finance.models import WhitelistResult, WhitelistWord
from finance.whitelists import pushing
from finance.whitelists.excluding import exclude, restore
from finance.whitelists.pushing import Report, digest_of_list
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from tests.accounts.factories import PostingFactory
from tests.clients import signed_in
from tests.finance.factories import BankFactory, BankOfficerFactory, office
from tests.finance.pools.factories import WAN, actor, now, official
from tests.finance.whitelists.factories import drawn_list, pushed_list
from tests.money.refusing import denied, refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return BankFactory()


@pytest.fixture
def held(bank):
    return pushed_list(bank)


@pytest.mark.parametrize("outcome", ["contacted", "no_need", "refused"])
@pytest.mark.parametrize("fen", [0, -5, 1])
def test_no_sum_without_credit_not_even_a_zero(held, bank, outcome, fen):
    said = Report(outcome, fen)
    told("amount", lambda: pushing.report(held.entries.first(), said, by=actor(bank), at=now()))


@pytest.mark.parametrize("fen", [None, 0, -5])
def test_credit_has_a_sum_above_nothing(held, bank, fen):
    said = Report("granted", fen)
    told("amount", lambda: pushing.report(held.entries.first(), said, by=actor(bank), at=now()))


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_from_the_page_it_is_said_beside_the_form(held, bank, amount):
    browser = signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)
    at = f"/bank/{bank.pk}/whitelists/{held.pk}/entries/{held.entries.first().pk}/"
    assert browser.post(at, {"outcome": "contacted", "amount": amount}).status_code == 422
    assert browser.post(at, {"outcome": "", "amount": ""}).status_code == 422
    assert not WhitelistResult.objects.exists()


def test_the_database_wants_a_sum_with_credit(held, bank):
    result = pushing.report(held.entries.first(), Report("granted", WAN), by=actor(bank), at=now())
    for fen in (None, 0, -5):
        refused("finance_whitelistresult_amount", lambda fen=fen: change(result, amount_fen=fen))
    refused("finance_whitelistresult_amount", lambda: change(result, outcome="contacted"))


def test_what_is_corrected_stays_written_down(held, bank):
    entry, who = held.entries.first(), actor(bank)
    pushing.report(entry, Report("granted", 50 * WAN, "信用"), by=who, at=now())
    pushing.report(entry, Report("refused"), by=who, at=now())
    said = entry.words.values_list("outcome", "amount_fen", "note", "by")
    assert list(said) == [("granted", 50 * WAN, "信用", who.user.pk), ("refused", None, "", who.user.pk)]
    browser = signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)
    own = browser.get(f"/bank/{bank.pk}/whitelists/{held.pk}/entries/{entry.pk}/").content.decode()
    boss = PostingFactory(department=office(), role=Role.LEADER, user__second_factor=True).user
    at_desk = signed_in(boss).get(f"/desk/{office().pk}/finance/whitelists/{held.pk}/entries/{entry.pk}/")
    for page in (own, at_desk.content.decode()):
        assert "填报记录" in page
        assert "信用" in page


def test_nobody_undoes_a_word(held, bank):
    result = pushing.report(held.entries.first(), Report("contacted"), by=actor(bank), at=now())
    refused("finance_whitelistresult_stands", lambda: delete(result))
    refused("finance_whitelistresult_stands", lambda: change(result, entry_id=held.entries.last().pk))
    word = WhitelistWord.objects.get()
    denied(lambda: delete(word))
    denied(lambda: change(word, note="x"))
    denied(lambda: copy(word))


def test_whom_a_list_went_to_stands(held, bank):
    link = held.banks.through.objects.get(whitelist=held)
    refused("finance_whitelist_banks_stand", lambda: delete(link))
    refused("finance_whitelist_banks_stand", lambda: copy(link, bank_id=BankFactory().pk))
    pushing.close(held, by=official(Role.LEADER), at=now())
    refused("finance_whitelist_banks_stand", lambda: delete(link))
    told("transition_refused", lambda: pushing.push(held, [bank], by=official(Role.LEADER), at=now()))


def test_what_is_confirmed_is_what_was_looked_at():
    held, boss = drawn_list(), official(Role.LEADER)
    first, seen = held.entries.first(), digest_of_list(held)
    exclude(first, "已注销", by=held.drafted_by, at=now())
    told("stale", lambda: pushing.confirm(held, by=boss, at=now(), seen=seen))
    restore(first, "查无此事", by=held.drafted_by, at=now())
    pushing.confirm(held, by=boss, at=now(), seen=seen)
    assert held.state == "confirmed"


def test_the_button_sends_what_is_shown():
    held, at = drawn_list(), f"/desk/{office().pk}/finance/whitelists/"
    boss = signed_in(PostingFactory(department=office(), role=Role.LEADER, user__second_factor=True).user)
    seen = boss.get(f"{at}{held.pk}/").context["seen"]
    exclude(held.entries.first(), "已注销", by=held.drafted_by, at=now())
    for old in ({}, {"seen": seen}):
        shown = boss.post(f"{at}{held.pk}/do/confirm/", old, follow=True).content.decode()
        assert "名单刚才有变动" in shown
    assert f'name="seen" value="{digest_of_list(held)}"' in shown
    boss.post(f"{at}{held.pk}/do/confirm/", {"seen": digest_of_list(held)})
    held.refresh_from_db()
    assert held.state == "confirmed"


def test_who_is_told_by_the_countys_day(bank):
    """At four in the morning of the 2nd in the county it is still the 1st elsewhere."""
    held, boss = drawn_list(), official(Role.LEADER)
    early = dt.datetime(2026, 12, 1, 20, tzinfo=dt.UTC)
    day = dt.date(2026, 12, 2)
    new = BankOfficerFactory(bank=bank, since=day).user
    old = BankOfficerFactory(bank=bank, since=dt.date(2026, 1, 1), until=day).user
    gone = BankOfficerFactory(bank=bank, since=dt.date(2026, 1, 1), user__is_active=False).user
    pushing.confirm(held, by=boss, at=early)
    pushing.push(held, [bank], by=boss, at=early)
    told_of = set(OutboxEntry.objects.values_list("payload__mailbox", flat=True))
    assert new.mailbox.pk in told_of
    assert not {old.mailbox.pk, gone.mailbox.pk} & told_of
