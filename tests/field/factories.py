"""Pairings, visits and talks for tests."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from appeals import models
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import OfficerFactory, official
from tests.enterprises.factories import EnterpriseFactory


class PairingFactory(DjangoModelFactory[models.Pairing]):
    class Meta:
        model = models.Pairing

    officer = factory.SubFactory(OfficerFactory)
    enterprise = factory.SubFactory(EnterpriseFactory)
    since = dt.date(2026, 1, 5)


class VisitFactory(DjangoModelFactory[models.Visit]):
    """A planned visit."""

    class Meta:
        model = models.Visit

    pairing = factory.SubFactory(PairingFactory)
    planned_on = factory.LazyFunction(timezone.localdate)


class TalkFactory(DjangoModelFactory[models.Talk]):
    """A draft of a talk in ten days; topics are collected from today for a week."""

    class Meta:
        model = models.Talk

    title = factory.Sequence(lambda n: f"第{n}期恳谈会")
    theme = "用工与融资"
    host = factory.SubFactory(DepartmentFactory)
    opens_on = factory.LazyFunction(timezone.localdate)
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=7))
    held_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=10))
    place = "县政府三楼会议室"


def paired(department: Any = None, enterprise: Any = None) -> models.Pairing:
    """An official who signs in, and the enterprise they look after."""
    place = department or DepartmentFactory()
    officer = OfficerFactory(department=place, user=official(Role.PAIRED, place))
    return PairingFactory(officer=officer, enterprise=enterprise or EnterpriseFactory())
