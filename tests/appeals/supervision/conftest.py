"""A supervisor at the centre, and departments whose work is counted."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals.dispatching import Target, dispatch, return_order
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.finished import finished
from tests.appeals.supervision.pages import again, ended, rate
from tests.clients import signed_in


@pytest.fixture
def centre():
    return DepartmentFactory(short_name="企业服务中心")


@pytest.fixture
def supervisor(centre):
    return make.official(Role.SUPERVISOR, centre)


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def lights():
    department = DepartmentFactory(short_name="县经信委")
    make.officer_with_user(department, rank=Rank.HEAD)
    return department


@pytest.fixture
def county(lights):
    """Something for every measure, in two departments, with a provider and with nobody."""
    other = DepartmentFactory()
    make.dispatched(lights)
    make.handling(other)
    late = make.handling(lights)
    ended(late, due=timezone.now() - dt.timedelta(hours=1))
    answered_late = make.answered(lights)
    ended(answered_late, due=timezone.now() - dt.timedelta(hours=1))
    rate(make.answered(other))
    twice = make.answered(lights)
    rate(twice)
    rate(again(twice))
    back = make.dispatched(other)
    return_order(back, "不归我们", lights, by=None)
    dispatch(back, Target(lights), by=None)
    make.file()
    finished(make.ProviderFactory())
    return lights, other
