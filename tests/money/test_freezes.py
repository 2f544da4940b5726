"""Freezing takes one with a reason, thawing two."""

import pytest

from policies.models import Freeze
from policies.money import freezes
from portal.accounts.roles import Role
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


def test_what_holds_a_batch_back(desk):
    batch, other = desk.draft(), Desk()
    for scope in (other.line, other.draft()):
        freezes.freeze(scope, "x", by=other.preparer, at=desk.at)
    assert not freezes.live_for(batch)
    for scope in (batch, desk.line, None):
        freezes.freeze(scope, "x", by=desk.preparer, at=desk.at)
    assert freezes.live_for(batch).count() == 3
