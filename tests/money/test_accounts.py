"""Accounts: refused first, then given, checked, changed."""

import pytest
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise, MemberRole
from policies.models import PayeeAccount
from policies.money import accounts
from policies.money.desk.making import ready, without_account
from policies.money.pages.tracks import tracks_of
from portal.accounts.roles import Role
from portal.kernel.outbox import OutboxEntry
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.money.factories import Desk, account, member_of, official
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


def give(actor, number="622200001111", holder=None, bank="垫江农商行"):
    holder = actor.enterprise.name if holder is None else holder
    return accounts.give(actor, holder, bank, number, at=timezone.now())


def check(given, outcome="matched", by=None, note=""):
    by = by or official(Role.PAYMENT_CONFIRMER)
    return accounts.check(given, outcome, by=by, at=timezone.now(), note=note)


@pytest.fixture
def actor():
    return member_of(EnterpriseFactory())


@pytest.mark.parametrize(
    "number",
    ["", "62220", "6" * 33, "6222a00011", "-622200", "1e400000", "NaN", "٦٢٢٢٠٠٠٠", "622200.5", "6222\x0000"],
)
def test_what_is_no_account_number(actor, number):
    told("account_number", lambda: give(actor, number))


@pytest.mark.parametrize(
    "number", ["6222 0000 1111", "６２２２０００００１１１１"[:12], "6222-0000-1111", " 622200001111 "]
)
def test_digits_however_they_are_typed(actor, number):
    assert give(actor, number).number.isascii()


def test_holder_and_bank_are_wanted_and_fit(actor):
    told("account_missing", lambda: give(actor, holder=" "))
    told("account_missing", lambda: give(actor, bank=""))
    told("too_long", lambda: give(actor, bank="行" * 101))


def test_an_agent_does_not_name_the_account(actor):
    agent = Actor(UserFactory(), actor.enterprise, MemberRole.AGENT)
    told("not_manager", lambda: give(agent))


def test_the_same_again_is_the_same_row_and_stays_checked(actor):
    first = give(actor)
    check(first)
    assert give(actor).pk == first.pk
    assert accounts.current(actor.enterprise.pk).is_verified


def test_a_change_is_a_new_row_that_nobody_has_checked(actor):
    check(give(actor))
    second = give(actor, "999900001111")
    assert PayeeAccount.objects.filter(enterprise=actor.enterprise).count() == 2
    assert accounts.current(actor.enterprise.pk) == second
    assert accounts.verified_of([actor.enterprise.pk]) == {}


def test_an_earlier_account_that_matched_is_used_again_and_checked_again(actor):
    first = give(actor)
    told("never_matched", lambda: accounts.give_again(actor, first.pk, at=timezone.now()))
    check(first)
    second = give(actor, "999900001111")
    third = accounts.give_again(actor, first.pk, at=timezone.now())
    assert (third.number, third.bank, third.is_verified) == (first.number, first.bank, False)
    assert accounts.current(actor.enterprise.pk) == third
    check(third)
    told("never_matched", lambda: accounts.give_again(actor, second.pk, at=timezone.now()))
    other = account()
    told("never_matched", lambda: accounts.give_again(actor, other.pk, at=timezone.now()))
    agent = Actor(UserFactory(), actor.enterprise, MemberRole.AGENT)
    told("not_manager", lambda: accounts.give_again(agent, first.pk, at=timezone.now()))
    Enterprise.objects.filter(pk=actor.enterprise.pk).update(name="垫江更名后有限公司")
    actor.enterprise.refresh_from_db()
    told("name_differs", lambda: accounts.give_again(actor, first.pk, at=timezone.now()))


def test_brackets_count_alike_in_both_widths():
    enterprise = EnterpriseFactory(name="垫江（明月）食品有限公司")
    given = give(member_of(enterprise), holder="垫江(明月) 食品有限公司")
    assert given.holder == enterprise.name
    check(given)


@pytest.mark.parametrize("holder", ["张三个人", "{name}分公司", "{name}（更名）", "张三 {name}"])
def test_another_holder_is_refused_at_once_and_changes_nothing(actor, holder):
    check(give(actor))
    refusal = told(
        "name_differs",
        lambda: give(actor, "999900001111", holder=holder.format(name=actor.enterprise.name)),
    )
    assert actor.enterprise.name in str(refusal)
    assert accounts.current(actor.enterprise.pk).is_verified


def test_another_name_never_matches(actor):
    given = give(actor)
    Enterprise.objects.filter(pk=actor.enterprise.pk).update(name="垫江更名后有限公司")
    told("name_differs", lambda: check(given))
    told("no_reason", lambda: check(given, "mismatched"))
    check(given, "mismatched", note="个人账户")
    assert not accounts.current(actor.enterprise.pk).is_verified


def test_nobody_of_the_enterprise_checks(actor):
    given = give(actor)
    insider = official(Role.PAYMENT_CONFIRMER)
    MembershipFactory(enterprise=actor.enterprise, user=insider)
    told("member", lambda: check(given, by=insider))


def test_nobody_without_a_post_checks(actor):
    given = give(actor)
    told("no_role", lambda: check(given, by=UserFactory(is_superuser=True)))
    told("no_role", lambda: check(given, by=official(Role.REVIEWER)))


def test_one_check_an_account_and_none_of_an_old_one(actor):
    first = give(actor)
    check(first)
    told("checked", lambda: check(first))
    give(actor, "999900001111")
    told("account_changed", lambda: check(first))
    told("no_outcome", lambda: check(first, "fine"))


def test_lists_show_the_last_digits_only():
    assert account(number="6222123456789").masked == "**** 6789"


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM", "＝1"])
def test_nothing_that_a_spreadsheet_would_compute(actor, text):
    told("formula", lambda: give(actor, bank=text))
    told("formula", lambda: give(actor, holder=text))


class TestAFirmThatChangedItsName:
    """The bank would send it back: the account is checked for the name of today."""

    @pytest.fixture
    def desk(self):
        return Desk()

    @staticmethod
    def rename(owed):
        Enterprise.objects.filter(pk=owed.enterprise_id).update(name="垫江更名后有限公司")
        owed.enterprise.refresh_from_db()

    def test_is_put_into_no_batch_and_sees_why(self, desk):
        owed = desk.award()
        assert list(ready(desk.line)) == [owed]
        self.rename(owed)
        assert list(ready(desk.line)) == []
        assert list(without_account(desk.line)) == [owed]
        told("no_account", lambda: desk.draft(owed))
        (track,) = tracks_of(owed.enterprise)
        assert (track.state, track.waits_for_us) == ("renamed", True)
        desk.award(enterprise=owed.enterprise, period=2027)
        assert OutboxEntry.objects.filter(payload__title__icontains="更正收款账户").count() == 1
        account(owed.enterprise, at=desk.tick())
        assert list(ready(desk.line)) != []
        assert desk.settled(owed).count == 1

    def test_stops_the_batch_at_each_step(self, desk):
        owed = [desk.award() for _number in range(3)]
        draft, prepared, confirmed = (
            desk.draft(owed[0]),
            desk.prepared(owed[1]),
            desk.confirmed(owed[2]),
        )
        for one in owed:
            Enterprise.objects.filter(pk=one.enterprise_id).update(name=f"{one.enterprise.name}（更名）")
        told("account_changed", lambda: desk.prepare(draft))
        told("account_changed", lambda: desk.confirm(prepared))
        refusal = told("account_changed", lambda: desk.release(confirmed))
        assert "（更名）" in str(refusal)
        assert desk.books() == (0, 0)
