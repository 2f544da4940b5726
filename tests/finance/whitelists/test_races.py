"""Who confirms a list while somebody changes it confirms what is there, or is told that it has changed."""

from functools import partial

import pytest

from finance.whitelists import pushing
from finance.whitelists.excluding import exclude
from finance.whitelists.pushing import digest_of_list
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.finance.pools.factories import now, official
from tests.finance.whitelists.factories import drawn_list
from tests.races import at_once, behind

pytestmark = pytest.mark.django_db(transaction=True)


def rivals():
    """A draft, whoever confirms it as it was looked at, and whoever takes an enterprise off it."""
    held = drawn_list()
    confirms = partial(pushing.confirm, held, by=official(Role.LEADER), at=now(), seen=digest_of_list(held))
    takes_off = partial(exclude, held.entries.first(), "已注销", by=held.drafted_by, at=now())
    return held, confirms, takes_off


def test_a_list_that_changes_while_it_is_confirmed_is_not():
    held, confirms, takes_off = rivals()
    assert behind(takes_off, confirms).code == "stale"
    held.refresh_from_db()
    assert (held.state, held.entries.filter(excluded="").count()) == ("draft", 2)


def test_what_is_confirmed_meanwhile_is_changed_no_more():
    held, confirms, takes_off = rivals()
    assert behind(confirms, takes_off).code == "confirmed"
    held.refresh_from_db()
    assert (held.state, held.entries.filter(excluded="").count()) == ("confirmed", 3)


@pytest.mark.parametrize("_round", range(3))
def test_of_both_at_once_one_is_told(_round):
    held, confirms, takes_off = rivals()
    told = [one.code for one in at_once(confirms, takes_off) if isinstance(one, DomainError)]
    held.refresh_from_db()
    left = held.entries.filter(excluded="").count()
    assert (told, held.state, left) in ((["stale"], "draft", 2), (["confirmed"], "confirmed", 3))
