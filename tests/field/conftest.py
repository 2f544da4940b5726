"""A visit with its official; a talk with its host, and an enterprise that has nothing to do with it yet."""

import pytest

from appeals.talks import holding
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.enterprises.factories import actor_of
from tests.field.factories import TalkFactory, VisitFactory, paired


@pytest.fixture
def visit():
    return VisitFactory(pairing=paired())


@pytest.fixture
def by(visit):
    return visit.pairing.officer.user


@pytest.fixture
def host():
    return DepartmentFactory(short_name="工商联（测试）")


@pytest.fixture
def keeper(host):
    return official(Role.DISPATCHER, host)


@pytest.fixture
def talk(host, keeper):
    made = TalkFactory(host=host, seats=1)
    holding.publish(made, by=keeper)
    return made


@pytest.fixture
def firm():
    return actor_of()
