"""The back office of money: looked at by whom it concerns, budgets kept by leaders, books by nobody."""

import threading

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from policies.models import BudgetLine, MoneyInvariant
from policies.money import corrections, freezes, releasing
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory
from tests.money.factories import Desk, payment_of
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
LOOKED_AT = (
    "award",
    "correction",
    "freeze",
    "instructionfile",
    "moneyinvariant",
    "payeeaccount",
    "payment",
    "paymentbatch",
    "returnfile",
)


def address(model, page, *args):
    return reverse(f"admin:policies_{model}_{page}", args=args)


def posted(role, department=None):
    """An official who may enter the admin."""
    return PostingFactory(user=StaffFactory(), department=department or economy(), role=role).user


@pytest.fixture
def desk():
    desk = Desk()
    for _one in range(2):
        batch = desk.settled()
        freezes.freeze(batch, "核查", by=desk.preparer, at=desk.tick())
    return desk


@pytest.mark.parametrize("model", LOOKED_AT)
class TestLookingAt:
    def test_by_who_pays_leads_or_audits(self, client, model, desk):
        for role, status in (
            (Role.PAYMENT_PREPARER, 200),
            (Role.PAYMENT_RELEASER, 200),
            (Role.LEADER, 200),
            (Role.AUDIT_ADMIN, 200),
            (Role.EDITOR, 403),
            (Role.REVIEWER, 403),
        ):
            client.force_login(posted(role))
            assert client.get(address(model, "changelist")).status_code == status, role

    def test_and_changed_by_nobody(self, client, model, desk):
        client.force_login(StaffFactory(is_superuser=True))
        assert client.get(address(model, "add")).status_code == 403

    def test_in_few_queries(self, client, model, desk, django_assert_max_num_queries):
        client.force_login(StaffFactory(is_superuser=True))
        client.get(address(model, "changelist"))
        with django_assert_max_num_queries(14):
            client.get(address(model, "changelist"))


SHARED = ("moneyinvariant", "payeeaccount")


@pytest.mark.parametrize("model", sorted({*LOOKED_AT} - {*SHARED}))
def test_nothing_of_another_department_is_seen(client, model, desk):
    desk.settle(desk.line.batches.first(), "returned")
    payment = payment_of(desk.line.batches.last())
    found = corrections.Difference(payment.award, 1, {"why": "更正"})
    corrections.propose([found], at=desk.at)
    row = apps.get_model("policies", model).objects.latest("pk")
    page = address(model, "change", row.pk)
    stranger, auditor = posted(Role.PAYMENT_PREPARER, DepartmentFactory()), posted(Role.AUDIT_ADMIN)
    for user, status in ((stranger, 302), (posted(Role.LEADER), 200), (auditor, 200)):
        client.force_login(user)
        assert client.get(page).status_code == status, user
    client.force_login(stranger)
    assert page not in client.get(address(model, "changelist")).content.decode()


def test_pages_of_rows_say_what_happened(client, desk):
    client.force_login(posted(Role.PAYMENT_CONFIRMER))
    batch = desk.line.batches.first()
    payment = payment_of(batch)
    for model, row, words in (
        ("paymentbatch", batch, batch.digest),
        ("payment", payment, "列支"),
        ("award", payment.award, payment.award.digest),
        ("payeeaccount", payment.account, payment.account.masked),
        ("instructionfile", batch.instruction, batch.instruction.sha256),
        ("returnfile", batch.instruction.returns.first(), "已入账"),
    ):
        page = client.get(address(model, "change", row.pk)).content.decode()
        assert words in page, model
        assert model == "payment" or payment.account.number not in page


def test_figures_that_must_hold_are_named(client, desk):
    client.force_login(posted(Role.AUDIT_ADMIN))
    page = client.get(address("moneyinvariant", "changelist")).content.decode()
    assert page.count("各批次的笔数、合计与其拨付一致") == 1
    assert MoneyInvariant.objects.filter(broken__gt=0).count() == 0


class TestBudgetLines:
    def given(self, line, **changes):
        names = ("code", "label", "year", "appropriated_fen")
        given = {name: getattr(line, name) for name in names} | {"department": line.department_id}
        return given | {"items": [item.pk for item in line.items.all()]} | changes

    def test_are_kept_by_the_departments_leader_and_no_other(self, client, desk):
        change = address("budgetline", "change", desk.line.pk)
        for user, status in (
            (posted(Role.PAYMENT_PREPARER), 403),
            (posted(Role.LEADER, DepartmentFactory()), 403),
            (posted(Role.LEADER), 302),
        ):
            client.force_login(user)
            answer = client.post(change, self.given(desk.line, appropriated_fen=2 * 10**9))
            assert answer.status_code == status
        assert desk.now().appropriated_fen == 2 * 10**9
        assert desk.books() == (0, 20_000_000)

    def test_never_below_what_is_used_and_never_its_books(self, client, desk):
        client.force_login(posted(Role.LEADER))
        change = address("budgetline", "change", desk.line.pk)
        answer = client.post(change, self.given(desk.line, appropriated_fen=19_999_999))
        assert answer.status_code == 200
        assert "下达金额不能小于在途与已支付之和" in answer.content.decode()
        client.post(change, self.given(desk.line, reserved_fen=5, paid_fen=0))
        assert desk.books() == (0, 20_000_000)

    def test_what_was_read_before_a_release_does_not_undo_its_books(self):
        desk = Desk()
        stale = BudgetLine.objects.get(pk=desk.line.pk)
        desk.released()
        stale.label = "改名"
        stale.save()
        assert desk.books() == (10_000_000, 0)
        assert desk.now().label == "改名"


@pytest.mark.django_db(transaction=True)
def test_a_budget_cut_in_the_instant_of_a_release_is_refused_in_words(client, monkeypatch, transactional_db):
    """The form was compared with the line a moment before: now the release waits for the form."""
    desk = Desk(appropriated_fen=10_000_000)
    batch = desk.confirmed()
    at = desk.tick()
    code, cutting, outcomes = desk.code(desk.releaser), BudgetLine.clean, []

    def release():
        try:
            outcomes.append(releasing.release(batch, code, by=desk.releaser, at=at))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    rival = threading.Thread(target=release)

    def meanwhile(line):
        cutting(line)
        rival.start()
        rival.join(2)

    monkeypatch.setattr(BudgetLine, "clean", meanwhile)
    client.force_login(posted(Role.LEADER))
    given = TestBudgetLines().given(desk.line, appropriated_fen=9_999_999)
    answer = client.post(address("budgetline", "change", desk.line.pk), given)
    rival.join()
    assert answer.status_code == 302
    assert [getattr(one, "code", one) for one in outcomes] == ["overspent"]
    assert desk.now().appropriated_fen == 9_999_999
    assert desk.books() == (0, 0)
