"""Two connections, one right behind the other: the second waits, and then sees what the first did."""

from functools import partial

import pytest
from django.db import IntegrityError

from finance.whitelists import pushing
from finance.whitelists.excluding import exclude
from finance.whitelists.pushing import Report
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.finance.factories import BankFactory
from tests.finance.pools.factories import actor, now, official
from tests.finance.whitelists.factories import drawn_list, pushed_list
from tests.money.refusing import run
from tests.races import behind
from tests.rows import change

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss():
    return official(Role.LEADER)


def refused_by(error):
    assert isinstance(error, IntegrityError), error
    return error.__cause__.diag.constraint_name


def code_of(error):
    assert isinstance(error, DomainError), error
    return error.code


def test_an_entry_is_not_changed_while_its_list_is_confirmed(boss):
    held = drawn_list()
    entry = held.entries.first()
    off = partial(change, entry, excluded="已注销", excluded_by_id=held.drafted_by_id)
    error = behind(partial(pushing.confirm, held, by=boss, at=now()), off)
    assert refused_by(error) == "finance_whitelistentry_stands"


def test_a_list_goes_to_no_other_bank_while_it_is_pushed(boss):
    held, other = drawn_list(), BankFactory()
    pushing.confirm(held, by=boss, at=now())
    push = partial(pushing.push, held, [BankFactory()], by=boss, at=now())
    into = "INSERT INTO finance_whitelist_banks (whitelist_id, bank_id) VALUES (%s, %s)"
    assert refused_by(behind(push, partial(run, into, held.pk, other.pk))) == "finance_whitelist_banks_stand"


def test_nobody_is_taken_off_while_the_list_is_confirmed(boss):
    held = drawn_list()
    off = partial(exclude, held.entries.first(), "已注销", by=held.drafted_by, at=now())
    assert code_of(behind(partial(pushing.confirm, held, by=boss, at=now()), off)) == "confirmed"


def test_who_confirms_waits_for_who_takes_the_last_one_off(boss):
    held = drawn_list()
    first, *others = held.entries.all()
    for entry in others:
        exclude(entry, "已注销", by=held.drafted_by, at=now())
    off = partial(exclude, first, "已注销", by=held.drafted_by, at=now())
    assert code_of(behind(off, partial(pushing.confirm, held, by=boss, at=now()))) == "empty"


def test_a_bank_that_answers_while_the_list_ends_is_told(boss):
    bank = BankFactory()
    held = pushed_list(bank)
    say = partial(pushing.report, held.entries.first(), Report("contacted"), by=actor(bank), at=now())
    assert code_of(behind(partial(pushing.close, held, by=boss, at=now()), say)) == "closed"
