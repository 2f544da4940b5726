"""What whitelists refuse to whom, at the smallest place where they do."""

import pytest

from finance.acting import BankActor
from finance.models import WhitelistReturn
from finance.whitelists import pushing
from finance.whitelists.consenting import let_know
from finance.whitelists.taking import book
from portal.accounts.roles import Role
from tests.enterprises.factories import actor_of
from tests.finance.factories import BankFactory
from tests.finance.pools.factories import now, official
from tests.finance.whitelists.factories import drawn_list
from tests.money.refusing import told

pytestmark = pytest.mark.django_db


def test_who_drew_a_list_up_neither_pushes_nor_ends_it():
    held = drawn_list()
    clerk = official(Role.EDITOR)
    told("no_role", lambda: pushing.push(held, [BankFactory()], by=clerk, at=now()))
    told("no_role", lambda: pushing.close(held, by=clerk, at=now()))


def test_nobody_is_let_know_of_a_list_that_no_bank_has():
    actor, bank = actor_of(), BankFactory()
    entry = drawn_list(actor.enterprise).entries.get()
    told("closed", lambda: let_know(actor, entry, bank, None, at=now()))


def test_who_only_looks_books_no_results():
    viewer = BankActor(None, BankFactory(), "viewer")
    told("viewer", lambda: book(WhitelistReturn(), by=viewer, at=now()))
