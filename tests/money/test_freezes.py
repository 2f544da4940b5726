"""Freezing takes one with a reason, thawing two."""

import pytest

from policies.models import Freeze
from policies.money import freezes
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.money.factories import Desk, official
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def test_needs_a_reason_and_a_post(desk):
    told("no_reason", lambda: freezes.freeze(None, " ", by=desk.preparer, at=desk.at))
    told("no_role", lambda: freezes.freeze(None, "x", by=UserFactory(), at=desk.at))
    stranger = official(Role.LEADER, DepartmentFactory())
    told("no_role", lambda: freezes.freeze(desk.line, "x", by=stranger, at=desk.at))
    freezes.freeze(
        None, "x", by=stranger, at=desk.at
    )  # all of it anybody may stop who pays or leads anywhere


def test_what_is_frozen_is_not_frozen_again(desk):
    freezes.freeze(desk.line, "x", by=desk.preparer, at=desk.at)
    told("frozen", lambda: freezes.freeze(desk.line, "y", by=desk.releaser, at=desk.at))
    freezes.freeze(None, "y", by=desk.releaser, at=desk.at)


def test_thawing_takes_two_in_order(desk):
    frozen = freezes.freeze(None, "x", by=desk.preparer, at=desk.at)
    told("not_asked", lambda: freezes.thaw(frozen, by=desk.releaser, at=desk.tick()))
    freezes.ask_thaw(frozen, by=desk.releaser, at=desk.tick())
    told("thawed", lambda: freezes.ask_thaw(frozen, by=desk.preparer, at=desk.tick()))
    told("four_eyes", lambda: freezes.thaw(frozen, by=desk.releaser, at=desk.tick()))
    told("no_role", lambda: freezes.thaw(frozen, by=UserFactory(), at=desk.tick()))
    assert Freeze.objects.live().exists()
    freezes.thaw(frozen, by=desk.preparer, at=desk.tick())
    told("thawed", lambda: freezes.thaw(frozen, by=desk.preparer, at=desk.tick()))
    assert not Freeze.objects.live().exists()


def titles(user):
    deliver()
    return list(Message.objects.filter(mailbox=user.mailbox).order_by("pk").values_list("title", flat=True))


def test_who_releases_is_told_of_a_stop_and_of_a_request_to_thaw(desk):
    elsewhere = official(Role.PAYMENT_RELEASER, DepartmentFactory())
    frozen = freezes.freeze(desk.line, "审计抽查", by=desk.preparer, at=desk.at)
    assert titles(desk.releaser) == [f"拨付已冻结：{desk.line.label}"]
    said = Message.objects.get(mailbox=desk.releaser.mailbox)
    assert f"{desk.preparer.name}：审计抽查。" in said.body
    assert said.url == f"/desk/{desk.line.department_id}/money/freezes/"
    freezes.ask_thaw(frozen, by=desk.confirmer, at=desk.tick())
    told("thawed", lambda: freezes.ask_thaw(frozen, by=desk.preparer, at=desk.tick()))
    assert titles(desk.releaser)[1:] == [f"有人申请解冻：{desk.line.label}"]
    assert not titles(elsewhere) + titles(desk.preparer) + titles(desk.confirmer)


def test_a_stop_of_everything_is_told_to_all_who_release_but_not_to_who_stops(desk):
    elsewhere = official(Role.PAYMENT_RELEASER, DepartmentFactory())
    frozen = freezes.freeze(None, "全县停付", by=desk.releaser, at=desk.at)
    assert titles(elsewhere) == ["拨付已冻结：全部拨付"]
    assert not titles(desk.releaser)
    freezes.ask_thaw(frozen, by=elsewhere, at=desk.tick())
    assert titles(desk.releaser) == ["有人申请解冻：全部拨付"]


def test_a_stop_of_a_batch_names_it(desk):
    batch = desk.draft()
    freezes.freeze(batch, "有疑问", by=desk.preparer, at=desk.at)
    assert titles(desk.releaser) == [f"拨付已冻结：{batch.title}"]


def test_what_holds_a_batch_back(desk):
    batch, other = desk.draft(), Desk()
    for scope in (other.line, other.draft()):
        freezes.freeze(scope, "x", by=other.preparer, at=desk.at)
    assert not freezes.live_for(batch)
    for scope in (batch, desk.line, None):
        freezes.freeze(scope, "x", by=desk.preparer, at=desk.at)
    assert freezes.live_for(batch).count() == 3
