"""A bank's system, an enterprise with an application at the bank."""

import pytest
from django.core.cache import cache

from tests.enterprises.factories import actor_of
from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import bank, filed


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def system():
    return System(bank())


@pytest.fixture
def owner():
    return actor_of()


@pytest.fixture
def loan(system, owner):
    return filed(owner, published(system.bank))
