"""Two connections, one right behind the other: who comes second waits, and then sees what the first one did.

Each of these waits at one lock; without it the second one would go on with what it had read before.
"""

import datetime as dt
from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from policies.models import Correction, Freeze, PayeeAccount, Payment, PaymentBatch, ReturnFile
from policies.money import accounts, batches, corrections, delivering, freezes, intake, results
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.money.answering import answers_to, written
from tests.money.breaches import pays, preparing, received, unsent
from tests.money.factories import Desk, account, answer, member_of, official, payment_of, return_file
from tests.money.forging import send
from tests.money.test_corrections import OF_REVENUE, WAN, look, revenue
from tests.policies import factories as policies
from tests.races import behind
from tests.rows import change

pytestmark = pytest.mark.django_db(transaction=True)


def freeze():
    Freeze.objects.create(reason="核查", by=UserFactory(), at=timezone.now())


def state_of(payment):
    return Payment.objects.values_list("state", flat=True).get(pk=payment.pk)


def refused_by(error):
    assert isinstance(error, IntegrityError), error
    return error.__cause__.diag.constraint_name


class TestRawSql:
    """Locks of the database's own: the first one has the application role and needs nobody's code."""

    def test_adding_waits_for_who_prepares(self):
        desk = Desk()
        batch = desk.draft(desk.award())
        payment = payment_of(batch)
        error = behind(lambda: preparing(batch), lambda: pays(payment))
        assert refused_by(error) == "policies_payment_into_draft"

    def test_dropping_waits_for_who_prepares(self):
        desk = Desk()
        batch = desk.draft(desk.award())
        payment = payment_of(batch)
        error = behind(lambda: preparing(batch), lambda: change(payment, state="void", reason="不付了"))
        assert refused_by(error) == "policies_payment_out_of_draft"

    def test_a_freeze_waits_for_what_is_being_sent(self):
        """Else it would return, and money would go after that."""
        payment = payment_of(unsent())
        assert behind(lambda: send(payment), lambda: (freeze(), state_of(payment))[1]) == "sent"

    def test_sending_waits_for_a_freeze(self):
        payment = payment_of(unsent())
        assert refused_by(behind(freeze, lambda: send(payment))) == "policies_payment_frozen"


class TestBatches:
    def test_preparing_waits_for_who_adds(self):
        desk = Desk()
        batch, owed = desk.draft(desk.award()), desk.award()
        assert not behind(
            partial(batches.add, batch, [owed], by=desk.preparer, at=desk.tick()),
            partial(batches.prepare, batch, by=desk.preparer, at=desk.tick()),
        )
        assert PaymentBatch.objects.get().count == 2

    def test_confirming_waits_for_a_freeze(self):
        desk = Desk()
        batch = desk.prepared()
        desk.tick()
        error = behind(
            partial(freezes.freeze, None, "举报", by=desk.preparer, at=desk.at),
            partial(batches.confirm, batch, desk.code(desk.confirmer), by=desk.confirmer, at=desk.at),
        )
        assert error.code == "frozen"


class TestAccounts:
    def test_the_same_account_given_twice_is_one(self):
        enterprise = EnterpriseFactory()
        by = member_of(enterprise)
        give = partial(accounts.give, by, enterprise.name, "垫江农商行", "6222020200", at=timezone.now())
        assert behind(give, give) == PayeeAccount.objects.get()

    def test_checking_waits_for_who_gives_another(self):
        given = account(checked=False)
        by = official(Role.PAYMENT_PREPARER)
        error = behind(
            lambda: account(given.enterprise, checked=False),
            lambda: accounts.check(given, "matched", by=by, at=timezone.now()),
        )
        assert error.code == "account_changed"


class TestFiles:
    @pytest.fixture
    def batch(self, settings, tmp_path):
        settings.TREASURY_OUTBOX = tmp_path
        self.desk = Desk()
        return self.desk.released(self.desk.award(), self.desk.award())

    def paid(self, batch, *, number="HD-1", turn=0):
        """A return file for all of the batch, received and not judged."""
        lines = answers_to(batch.instruction)
        content = written(batch.instruction, lines[turn:] + lines[:turn], number)
        return intake.receive(f"{number}.csv", content, by=None, at=timezone.now())

    def test_a_file_that_is_being_delivered_is_left_alone(self, batch):
        deliver = partial(delivering.deliver, batch.instruction.pk, at=timezone.now())
        assert behind(deliver, deliver) is False

    def test_a_file_is_judged_once(self, batch):
        judge = partial(intake.judge, self.paid(batch).pk, at=timezone.now())
        assert behind(judge, judge).state == "applied"

    def test_a_file_that_the_books_refuse_may_have_been_judged_meanwhile(self, batch, monkeypatch):
        file, at = return_file(batch), timezone.now()

        def refuse(_pk, _at):
            raise IntegrityError

        monkeypatch.setattr(intake, "_judge", refuse)
        judged = behind(
            partial(advance, file, "apply", actor=None, at=at), partial(intake.judge, file.pk, at=at)
        )
        assert (judged.state, judged.reasons) == ("applied", [])

    def test_a_number_that_is_being_used_is_told_of_at_once(self, batch, monkeypatch):
        monkeypatch.setattr(intake, "MOST_TRIES", 1)
        files = self.paid(batch), self.paid(batch, turn=1)
        judged = behind(*(partial(intake.judge, file.pk, at=timezone.now()) for file in files))
        assert judged.reasons == ["文件号 HD-1 的回单已经入账，内容与这份不同。"]

    def test_the_last_answer_settles_the_batch_whoever_brings_it(self, batch):
        first, second = (answer(one) for one in batch.payments.select_related("account"))
        at, files = self.desk.tick(), (return_file(batch), return_file(batch))
        assert (
            behind(
                partial(results.settle, [first], files[0], at),
                partial(results.settle, [second], files[1], at),
            )
            == 1
        )
        assert PaymentBatch.objects.get().state == "settled"

    def test_the_same_answer_in_two_files_is_booked_once(self, batch):
        lines, at = [answer(one) for one in batch.payments.select_related("account")], self.desk.tick()
        files = return_file(batch), return_file(batch)
        assert behind(*(partial(results.settle, lines, file, at) for file in files)) == 0

    def test_silence_and_an_answer(self, batch):
        late = self.desk.tick(days=3)
        lines = [answer(one) for one in batch.payments.select_related("account")]
        file = return_file(batch)
        assert behind(partial(results.overdue, late), partial(results.settle, lines, file, late)) == 2
        assert set(Payment.objects.values_list("state", flat=True)) == {"paid"}


def test_a_step_is_taken_once():
    file = intake.judge(received().pk, at=timezone.now())
    by, at = official(Role.PAYMENT_PREPARER), timezone.now() + dt.timedelta(seconds=1)
    dismiss = [
        partial(intake.dismiss, ReturnFile.objects.get(), why, by=by, at=at) for why in ("重复", "作废")
    ]
    error = behind(*dismiss)
    assert isinstance(error, DomainError)
    assert error.code == "transition_refused"
    assert file.events.filter(name="dismiss").count() == 1


def test_a_look_for_corrections_waits_for_who_decides():
    """Else it would propose once more what was just decided."""
    desk, enterprise = Desk(version=policies.published(rule_amount=OF_REVENUE)), EnterpriseFactory()
    give_value(enterprise, "region", text="500231101")
    revenue(enterprise, 100)
    now = timezone.now()
    evidence = {"as_of": timezone.localdate().isoformat(), "known_at": now.isoformat()}
    desk.settled(desk.award(10 * WAN, enterprise=enterprise, evidence=evidence))
    revenue(enterprise, 60)
    (row,) = look()
    decide = partial(corrections.accept, row, "多报收入", by=official(Role.LEADER), at=timezone.now())
    assert behind(decide, look) == []
    assert Correction.objects.count() == 1
