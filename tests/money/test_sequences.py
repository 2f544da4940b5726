"""Whatever officials, enterprises and the treasury do in a row: every figure holds after each step."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.models import BudgetLine, Freeze, Payment, PaymentBatch
from policies.money import batches, freezes, invariants, results
from policies.money.awards import waiting
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.money.factories import Desk, account, answer, official

pytestmark = pytest.mark.django_db
FEN = 10_000_000


class Play:
    """One county for a while: each step picks what it works on by a number."""

    def __init__(self, desk):
        self.desk = desk
        self.leader = official(Role.LEADER)

    def owe(self, pick):
        self.desk.award(1 + pick * FEN // 7)

    def draft(self, pick):
        owed = list(waiting(self.desk.line).order_by("pk"))
        self.desk.draft(*owed[: 1 + pick % 3])

    def drop(self, pick):
        payment = one(Payment.objects.filter(state="prepared"), pick)
        batches.drop(payment, "撤下", by=self.desk.preparer, at=self.desk.tick())

    def prepare(self, pick):
        self.desk.prepare(one(PaymentBatch.objects.all(), pick))

    def confirm(self, pick):
        self.desk.confirm(one(PaymentBatch.objects.all(), pick))

    def release(self, pick):
        self.desk.release(one(PaymentBatch.objects.all(), pick))

    def send_back(self, pick):
        batches.send_back(
            one(PaymentBatch.objects.all(), pick), "再看", by=self.desk.releaser, at=self.desk.tick()
        )

    def cancel(self, pick):
        batches.cancel(
            one(PaymentBatch.objects.all(), pick), "不要了", by=self.desk.preparer, at=self.desk.tick()
        )

    def pay(self, pick):
        self.said("paid", pick)

    def give_back(self, pick):
        self.said("returned", pick)

    def said(self, outcome, pick):
        payment = one(Payment.objects.select_related("account", "batch"), pick)
        if hasattr(payment.batch, "instruction"):
            with transaction.atomic():
                self.desk.take(payment.batch, [answer(payment, outcome)])

    def stay_silent(self, _pick):
        results.overdue(self.desk.tick(days=6))

    def change_account(self, pick):
        payment = one(Payment.objects.select_related("enterprise"), pick)
        account(payment.enterprise, checked=bool(pick % 2))

    def freeze(self, pick):
        scope = (None, self.desk.line, one(PaymentBatch.objects.all(), pick))[pick % 3]
        freezes.freeze(scope, "举报", by=self.leader, at=self.desk.tick())

    def thaw(self, pick):
        frozen = one(Freeze.objects.live(), pick)
        freezes.ask_thaw(frozen, by=self.leader, at=self.desk.tick())
        freezes.thaw(frozen, by=self.desk.preparer, at=self.desk.tick())

    def cut_the_budget(self, pick):
        line = BudgetLine.objects.get(pk=self.desk.line.pk)
        line.appropriated_fen = line.reserved_fen + line.paid_fen + pick * FEN
        line.save()


def one(rows, pick):
    """Any of the rows; where there is none, nothing can be done."""
    found = list(rows.order_by("pk"))
    if not found:
        raise DomainError("nothing", code="nothing")
    return found[pick % len(found)]


STEPS = sorted(name for name in vars(Play) if not name.startswith("_") and name != "said")
LIKELY = ["owe", "draft", "prepare", "confirm", "release", "pay", "pay", "give_back"]
steps = st.lists(st.tuples(st.sampled_from(STEPS + LIKELY * 3), st.integers(0, 8)), min_size=5, max_size=40)


@pytest.fixture
def play():
    return Play(Desk(appropriated_fen=5 * FEN))


@settings(max_examples=30, suppress_health_check=[*HealthCheck])
@given(steps=steps)
def test_every_figure_holds_after_every_step(play, steps):
    with transaction.atomic():
        for _ in range(3):
            play.owe(7)
        for name, pick in steps:
            try:
                with transaction.atomic():
                    getattr(play, name)(pick)
            except DomainError:
                pass
            assert invariants.broken() == [], (name, pick)
        transaction.set_rollback(True)
