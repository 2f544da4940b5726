"""A department sees what came into its pool without asking it, and may object for some working days."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.models import PoolTransfer
from finance.pools import invariants
from finance.pools.admitting import object_to
from finance.pools.watching import tell_admissions
from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from portal.kernel.workdays import add_workdays
from tests.clients import cheap
from tests.finance.factories import BankOfficerFactory
from tests.finance.pools import factories as make
from tests.finance.pools.factories import now
from tests.finance.pools.test_pages import at_bank, at_desk, desk
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def pool(bank):
    return make.pool(bank, fuse_rate=100, objection_days=3)


def test_an_objection_ends_the_cover_and_the_bank_is_told(pool, bank):
    admission = make.admitted(pool, state="drawn")
    assert admission.objection_until == add_workdays(timezone.localdate(), 3)
    manager = BankOfficerFactory(bank=bank, role="manager").user
    told("no_role", lambda: object_to(admission, "不符合", by=make.payer(), at=now()))
    told("no_reason", lambda: object_to(admission, " ", by=make.reviewer(), at=now()))
    object_to(admission, "企业已列入失信名单", by=make.reviewer(), at=now())
    told("released", lambda: object_to(admission, "再来", by=make.leader(), at=now()))
    admission.refresh_from_db()
    pool.refresh_from_db()
    assert (admission.release_reason, admission.objection) == ("objected", "企业已列入失信名单")
    assert (pool.used_fen, list(PoolTransfer.objects.values_list("kind", flat=True)[2:])) == (0, ["release"])
    said = OutboxEntry.objects.filter(key__contains=f"pool:objected:{admission.pk}")
    assert {one.payload["mailbox"] for one in said} == {manager.mailbox.pk, admission.by.mailbox.pk}
    assert {one.payload["body"] for one in said} == {"企业已列入失信名单"}
    make.go(admission.loan, "overdue")
    told("no_loss", lambda: make.claim(admission))
    assert invariants.broken() == []


def test_not_after_its_days_and_not_once_it_is_bad(pool):
    admission, bad = make.admitted(pool), make.admitted(pool, state="overdue")
    last = timezone.make_aware(dt.datetime.combine(admission.objection_until, dt.time(23, 59)))
    late = last + dt.timedelta(minutes=1)
    told("not_objectable", lambda: object_to(admission, "不符合", by=make.leader(), at=late))
    told("not_objectable", lambda: object_to(bad, "不符合", by=make.leader(), at=now()))
    object_to(admission, "不符合", by=make.leader(), at=last)


def test_the_desk_lists_what_may_be_objected_to(pool, bank):
    fresh, bad = make.admitted(pool), make.admitted(pool, state="overdue")
    boss = at_desk(Role.REVIEWER)
    assert "新入池 1 笔" in cheap(boss, desk()).content.decode()
    shown = cheap(boss, desk(f"{pool.code}/?only=new")).content.decode()
    assert fresh.loan.number in shown
    assert bad.loan.number not in shown.split('id="loans"')[1].split("代偿和追偿")[0]
    assert 'name="reason"' not in at_desk(Role.PAYMENT_PREPARER).get(desk(f"{pool.code}/")).content.decode()
    objects = desk(f"{pool.code}/do/object/")
    empty = boss.post(objects, {"admission": fresh.pk, "reason": ""}, follow=True)
    assert "请写明异议的理由" in empty.content.decode()
    assert boss.post(objects, {"admission": fresh.pk, "reason": "不符合条件"}).status_code == 302
    assert "不符合条件" in boss.get(desk(f"{pool.code}/")).content.decode()
    assert "不符合条件" in at_bank(bank).get(f"/bank/{bank.pk}/pool/").content.decode()
    assert "没有在异议期内的贷款" in boss.get(desk(f"{pool.code}/?only=new")).content.decode()


def test_what_came_yesterday_is_told_once_in_the_morning(pool):
    reviewer = make.reviewer()
    for _ in range(2):
        make.admitted(pool)
    tomorrow = now() + dt.timedelta(days=1)
    assert (tell_admissions(now()), tell_admissions(tomorrow), tell_admissions(tomorrow)) == (0, 2, 2)
    (said,) = OutboxEntry.objects.filter(payload__mailbox=reviewer.mailbox.pk)
    assert "入池 2 笔、200 万元" in said.payload["title"]
