"""Batches up to confirmed: what may be in them, who takes which step, and that content is what was signed."""

from functools import partial

import pytest
from django.core.cache import cache

from enterprises.models import Membership
from policies.models import Payment
from policies.money import batches, freezes
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.money.factories import Desk, account, budget, official, payment_of, states_of
from tests.money.forging import behind_all_guards
from tests.money.refusing import refused, told
from tests.policies import factories as policies
from tests.rows import change

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def prepare(desk, batch):
    return lambda: batches.prepare(batch, by=desk.preparer, at=desk.tick())


def confirm(desk, batch, by=None, **given):
    by = by or desk.confirmer
    at = desk.tick()
    code = given.pop("code", None) or desk.code(by)
    return lambda: batches.confirm(batch, code, by=by, at=at, **given)


def add(desk, batch, *owed):
    return lambda: batches.add(batch, owed, by=desk.preparer, at=desk.tick())


class TestAdding:
    def test_nothing_without_a_checked_account(self, desk):
        enterprise = EnterpriseFactory()
        account(enterprise, checked=False)
        owed = desk.award(enterprise=enterprise)
        refusal = told("no_account", add(desk, desk.draft(), desk.award(), owed))
        assert enterprise.name in str(refusal)
        assert not Payment.objects.exists()

    def test_nothing_twice(self, desk):
        owed = desk.award()
        first = desk.draft(owed)
        refusal = told("paid_twice", add(desk, desk.draft(), owed))
        assert first.number in str(refusal)
        told("paid_twice", lambda: add(desk, desk.draft(), *[desk.award()] * 2)())

    def test_the_same_person_for_two_items_is_fine(self, desk):
        enterprise, other = EnterpriseFactory(), Desk()
        mine, theirs = desk.award(enterprise=enterprise), other.award(enterprise=enterprise)
        desk.line.items.add(other.version.item)
        assert len(desk.draft(mine, theirs).payments.all()) == 2

    def test_nothing_that_the_line_is_not_for(self, desk):
        refusal = told("wrong_line", add(desk, desk.draft(), Desk().award()))
        assert desk.line.code in str(refusal), "the service says which, before the database must"

    def test_nothing_once_it_is_prepared(self, desk):
        refusal = told("not_draft", add(desk, desk.prepared(), desk.award()))
        assert "待确认" in str(refusal)

    def test_by_nobody_without_the_post_in_that_department(self, desk):
        owed, batch = desk.award(), desk.draft()
        for by in (
            desk.confirmer,
            official(Role.PAYMENT_PREPARER, DepartmentFactory()),
            UserFactory(is_superuser=True),
        ):
            told("no_role", lambda by=by: batches.add(batch, [owed], by=by, at=desk.at))


class TestDropping:
    def test_frees_the_award(self, desk):
        owed = desk.award()
        batch = desk.draft(owed)
        told("no_reason", lambda: batches.drop(payment_of(batch), " ", by=desk.preparer, at=desk.tick()))
        batches.drop(payment_of(batch), "材料有误", by=desk.preparer, at=desk.tick())
        assert states_of(batch.payments.all()) == ["void"]
        desk.draft(owed)

    def test_not_once_it_is_prepared(self, desk):
        batch = desk.prepared()
        drop = partial(batches.drop, payment_of(batch), "不付了", by=desk.preparer, at=desk.tick())
        assert "待确认" in str(told("not_draft", drop))


class TestPreparing:
    def test_nothing_empty(self, desk):
        told("empty", prepare(desk, desk.draft()))

    def test_nothing_over_the_budget_by_one_fen(self):
        desk = Desk(appropriated_fen=9_999_999)
        told("overspent", prepare(desk, desk.draft(desk.award(10_000_000))))
        desk = Desk(appropriated_fen=10_000_000)
        desk.prepare(desk.draft(desk.award(10_000_000)))

    def test_nothing_to_an_account_that_was_changed(self, desk):
        batch = desk.draft(desk.award())
        account(payment_of(batch).enterprise)
        told("account_changed", prepare(desk, batch))

    def test_twice_is_refused(self, desk):
        batch = desk.prepared()
        told("not_draft", prepare(desk, batch))

    def test_counts_what_is_in(self, desk):
        batch = desk.draft(desk.award(1), desk.award(2), desk.award(4))
        batches.drop(batch.payments.get(amount_fen=4), "重", by=desk.preparer, at=desk.tick())
        prepare(desk, batch)()
        assert (batch.count, batch.total_fen, batch.state) == (2, 3, "prepared")
        assert batch.digest == batches.digest(batch)

    def test_the_digest_knows_every_payment_and_the_line(self, desk):
        owed = desk.award()
        digests = {batches.digest(desk.draft()), batches.digest(desk.draft())}
        batch = desk.draft(owed)
        digests.add(batches.digest(batch))
        batches.drop(payment_of(batch), "换", by=desk.preparer, at=desk.tick())
        batches.add(batch, [owed], by=desk.preparer, at=desk.tick())
        digests.add(batches.digest(batch))  # the same sum to the same account, and yet another instruction
        assert len(digests) == 4


class TestConfirming:
    def test_not_by_who_prepared_or_had_a_hand_in_it(self, desk):
        colleague = official(Role.PAYMENT_PREPARER)
        batch, owed = desk.draft(desk.award()), desk.award()
        batches.add(batch, [owed], by=colleague, at=desk.tick())
        desk.prepare(batch)
        for who in (desk.preparer, colleague):
            PostingFactory(user=who, department=desk.line.department, role=Role.PAYMENT_CONFIRMER)
            by = type(who).objects.get(pk=who.pk)
            told("four_eyes", confirm(desk, batch, by))

    def test_not_by_a_member_of_a_firm_that_is_paid(self, desk):
        owed = desk.award()
        for user in (desk.preparer, desk.confirmer, desk.releaser):
            MembershipFactory(user=user, enterprise=owed.enterprise)
        draft = desk.draft(owed)
        told("own_firm", lambda: desk.prepare(draft))
        Membership.objects.filter(user=desk.preparer).update(until="2020-01-01")
        batch = desk.prepare(draft)
        told("own_firm", confirm(desk, batch))
        Membership.objects.filter(user=desk.confirmer).update(until="2020-01-01")
        desk.confirm(batch)
        told("own_firm", lambda: desk.release(batch))
        assert desk.books() == (0, 0)

    def test_not_without_the_post(self, desk):
        told("no_role", confirm(desk, desk.prepared(), desk.releaser))
        told("no_role", confirm(desk, desk.prepared(), UserFactory(is_superuser=True, second_factor=True)))

    @pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345", "１２３４５６７", "9" * 5000])
    def test_not_with_a_wrong_code(self, desk, code):
        batch = desk.prepared()
        told("wrong_code", confirm(desk, batch, code=code or " "))
        batch.refresh_from_db()
        assert (batch.state, batch.signatures.count()) == ("prepared", 0)

    def test_not_by_guessing(self, desk):
        batch = desk.prepared()
        try:
            for _ in range(10):
                told("wrong_code", confirm(desk, batch, code="000000"))
            told("too_many_codes", confirm(desk, batch))
        finally:
            cache.clear()  # it outlives the test, and another one may have a user of the same id

    def test_not_with_somebody_elses_code(self, desk):
        batch = desk.prepared()
        told(
            "wrong_code",
            lambda: batches.confirm(batch, desk.code(desk.releaser), by=desk.confirmer, at=desk.at),
        )

    def test_not_with_an_old_code(self, desk):
        batch = desk.prepared()
        code = desk.code(desk.confirmer)
        told("wrong_code", lambda: batches.confirm(batch, code, by=desk.confirmer, at=desk.tick()))

    def test_not_with_a_code_that_was_used(self, desk):
        first, second = desk.prepared(), desk.prepared()
        code = desk.code(desk.confirmer)
        batches.confirm(first, code, by=desk.confirmer, at=desk.at)
        told("used_code", lambda: batches.confirm(second, code, by=desk.confirmer, at=desk.at))
        second.refresh_from_db()
        assert second.state == "prepared"

    def test_not_without_a_second_factor(self, desk):
        by = UserFactory()
        PostingFactory(user=by, department=desk.line.department, role=Role.PAYMENT_CONFIRMER)
        batch = desk.prepared()
        told("no_second_factor", lambda: batches.confirm(batch, "123456", by=by, at=desk.tick()))

    def test_full_width_digits_of_a_code_are_read(self, desk):
        batch = desk.prepared()
        wide = desk.code(desk.confirmer).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        batches.confirm(batch, f"{wide[:3]} {wide[3:]}", by=desk.confirmer, at=desk.at)
        assert batch.state == "confirmed"

    def test_not_another_content_than_was_seen(self, desk):
        batch = desk.prepared()
        told("content_changed", confirm(desk, batch, seen="0" * 64))
        seen = batch.digest
        batches.send_back(batch, "少一笔", by=desk.confirmer, at=desk.tick())
        batches.add(batch, [desk.award()], by=desk.preparer, at=desk.tick())
        prepare(desk, batch)()
        told("content_changed", confirm(desk, batch, seen=seen))

    def test_not_while_it_is_frozen(self, desk):
        batch = desk.prepared()
        freezes.freeze(batch, "举报", by=desk.releaser, at=desk.tick())
        told("frozen", confirm(desk, batch))

    def test_not_to_an_account_that_was_changed(self, desk):
        batch = desk.prepared()
        account(payment_of(batch).enterprise, checked=False)
        told("account_changed", confirm(desk, batch))

    def test_signs_the_digest(self, desk):
        batch = desk.confirmed()
        signature = batch.signatures.get()
        assert (signature.digest, signature.by, signature.step) == (batch.digest, desk.confirmer, "confirm")
        told("transition_refused", confirm(desk, batch))


class TestSendingBack:
    def test_needs_a_reason_and_voids_every_signature(self, desk):
        batch = desk.confirmed()
        told("no_reason", lambda: batches.send_back(batch, "", by=desk.releaser, at=desk.tick()))
        batches.send_back(batch, "金额有误", by=desk.releaser, at=desk.tick())
        assert (batch.state, batch.digest, batch.confirmed_by, batch.round) == ("draft", "", None, 2)
        prepare(desk, batch)()
        assert batch.signatures.count() == 1  # of the round before
        confirm(desk, batch)()
        assert batch.signatures.count() == 2

    def test_not_once_it_is_released(self, desk):
        batch = desk.released()
        told("transition_refused", lambda: batches.send_back(batch, "晚了", by=desk.releaser, at=desk.tick()))

    def test_a_signature_of_an_earlier_round_counts_for_nothing(self, desk):
        batch = desk.confirmed()
        batches.send_back(batch, "再看", by=desk.releaser, at=desk.tick())
        prepare(desk, batch)()
        values = {"state": "confirmed", "confirmed_by_id": desk.confirmer.pk, "confirmed_at": desk.at}
        refused("policies_paymentbatch_signed", lambda: change(batch, **values))


class TestCancelling:
    def test_frees_every_award(self, desk):
        owed = [desk.award(), desk.award()]
        batch = desk.draft(*owed)
        batches.cancel(batch, "改由市级拨付", by=desk.preparer, at=desk.tick())
        assert states_of(batch.payments.all()) == ["void", "void"]
        assert [
            event.comment for payment in batch.payments.all() for event in payment.events.filter(name="void")
        ] == ["改由市级拨付"] * 2
        desk.draft(*owed)

    def test_not_once_it_is_prepared(self, desk):
        batch = desk.prepared()
        cancel = partial(batches.cancel, batch, "不要了", by=desk.preparer, at=desk.tick())
        assert "待确认" in str(told("not_draft", cancel))


def test_a_line_of_another_department_is_not_drafted_from(desk):
    line = budget(policies.published())
    line.department = Department.objects.exclude(pk=line.department_id).first()
    line.save()
    told("no_role", lambda: batches.draft(line, "三月", by=desk.preparer, at=desk.tick()))
    told("no_title", lambda: batches.draft(desk.line, " ", by=desk.preparer, at=desk.tick()))


def test_numbers_of_a_month_follow_each_other(desk):
    first, second = desk.draft(), desk.draft()
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


@pytest.mark.django_db(transaction=True)
def test_content_changed_behind_everybodys_back_stops_the_batch():
    """The owner of the tables takes the guards away and exchanges an award: the digest still knows."""
    desk = Desk()
    batch = desk.prepared()
    payment = payment_of(batch)
    other = desk.award(enterprise=payment.enterprise, period=2025)
    behind_all_guards("UPDATE policies_payment SET award_id = %s WHERE id = %s", other.pk, payment.pk)
    told("content_changed", confirm(desk, batch))
    behind_all_guards("UPDATE policies_payment SET award_id = %s WHERE id = %s", payment.award_id, payment.pk)
    confirm(desk, batch)()
