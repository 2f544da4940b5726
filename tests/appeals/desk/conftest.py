"""The centre's desk and a department, each with somebody signed in."""

import pytest

from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    officer_with_user,
    official,
)
from tests.clients import signed_in


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="服务中心")


@pytest.fixture
def lights():
    return DepartmentFactory(short_name="城管局")


@pytest.fixture
def dispatcher(centre):
    return official(Role.DISPATCHER, centre)


@pytest.fixture
def desk(dispatcher):
    return signed_in(dispatcher)


@pytest.fixture
def handler(lights):
    return signed_in(officer_with_user(lights).user)
