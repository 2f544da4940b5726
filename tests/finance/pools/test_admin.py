"""Pools in the back office: opened by the office, never below what they stand for; books are looked at."""

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from finance.models import RiskPool
from finance.pools import claiming
from portal.accounts.roles import Role
from portal.kernel.transitions import advance
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory
from tests.finance.factories import office
from tests.finance.pools import factories as make

pytestmark = pytest.mark.django_db
LOOKED_AT = ("poolfuse", "pooladmission", "poolclaim", "poolrecovery", "pooltransfer")
TERMS = {
    "leverage": "10",
    "bank_share": "30",
    "guarantee_share": "70",
    "fuse_rate": "5",
    "objection_days": "5",
    "claim_days": "30",
}
SETS = {
    f"{name}-{form}": "0"
    for name in ("sources", "fuses", "events")
    for form in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def posted(role, department=None):
    return PostingFactory(user=StaffFactory(), department=department or office(), role=role).user


def page(model, view, *args):
    return reverse(f"admin:finance_{model}_{view}", args=args)


def terms(bank, **changes):
    named = {"name": "新资金池", "department": office().pk, "banks": [bank.pk]}
    return {**SETS, **TERMS, **named, **changes}


@pytest.fixture
def lost():
    """A pool that is fused, paid for a loss and had some of it back."""
    claim = make.claim(make.admitted(make.pool(make.bank()), state="overdue"), state="paid")
    back = claiming.Returned(1_000_00, "HK-1", timezone.localdate())
    claiming.recover(claim, back, by=make.payer(), at=make.now())
    return claim


def test_the_offices_editor_opens_a_pool_for_its_banks(client):
    bank = make.bank()
    client.force_login(posted(Role.EDITOR))
    written = {"firm_cap_fen": "1000万", "most_months": "36", "purposes": ["turnover", "equipment"]}
    answer = client.post(page("riskpool", "add"), terms(bank, code="NEW-1", **written))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    pool = RiskPool.objects.get()
    assert (list(pool.banks.all()), pool.state, pool.capacity_fen) == ([bank], "open", 0)
    assert (pool.firm_cap_fen, pool.most_months) == (1000 * make.WAN, 36)
    assert pool.purposes == ["turnover", "equipment"]


def test_others_open_none(client):
    for user in (posted(Role.EDITOR, DepartmentFactory()), posted(Role.LEADER)):
        client.force_login(user)
        assert client.get(page("riskpool", "add")).status_code == 403


def test_the_capacity_does_not_fall_below_what_is_used(client):
    bank = make.bank()
    pool = make.pool(bank, capital=100 * make.WAN)
    make.admitted(pool, 600 * make.WAN)
    client.force_login(posted(Role.EDITOR))
    address = page("riskpool", "change", pool.pk)
    answer = client.post(address, terms(bank, leverage="5.99"))
    assert "容量就不够了" in str(answer.context["adminform"].form.errors)
    answer = client.post(address, terms(bank, bank_share="40"))
    assert "之和须为 100%" in str(answer.context["adminform"].form.errors)
    assert client.post(address, terms(bank, leverage="6")).status_code == 302
    pool.refresh_from_db()
    assert (pool.capacity_fen, pool.used_fen) == (600 * make.WAN, 600 * make.WAN)


@pytest.mark.parametrize("model", LOOKED_AT)
def test_books_are_looked_at_where_the_pool_is_run(client, model, lost):
    row = apps.get_model("finance", model).objects.latest("pk")
    address = page(model, "change", row.pk)
    stranger = posted(Role.PAYMENT_PREPARER, DepartmentFactory())
    for user, status in (
        (posted(Role.PAYMENT_RELEASER), 200),
        (posted(Role.LEADER), 200),
        (posted(Role.AUDIT_ADMIN, DepartmentFactory()), 200),
        (stranger, 302),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status, user
        assert client.get(page(model, "add")).status_code == 403
    client.force_login(stranger)
    assert address not in client.get(page(model, "changelist")).content.decode()


def test_what_a_bank_wrote_for_itself_stays_the_banks(client, lost):
    loan = lost.admission.loan
    for public, words in ((True, "企业停产"), (False, "实控人另有借款")):
        advance(loan, "recover", actor=None, comment=words, public=public)
        advance(loan, "miss", actor=None)
    address = page("loanapplication", "change", loan.pk)
    for user, status in ((posted(Role.EDITOR), 200), (posted(Role.EDITOR, DepartmentFactory()), 302)):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status
        assert ("企业停产" in answer.content.decode()) is (status == 200)
        assert "实控人另有借款" not in answer.content.decode()
