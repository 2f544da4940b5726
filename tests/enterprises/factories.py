"""Enterprises and what is known of them, for tests."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from enterprises import models
from enterprises.actors import Actor
from enterprises.catalogue import Tier
from enterprises.uscc import check_character
from portal.accounts.models import Department
from portal.notifications.models import Mailbox
from tests.accounts.factories import UserFactory

TODAY = dt.date(2025, 6, 30)


def uscc_of(number: int) -> str:
    """A made-up company's credit code with the right check character."""
    body = f"91500231MA{number:07d}"
    return body + check_character(body)


class EnterpriseFactory(DjangoModelFactory[models.Enterprise]):
    """A manufacturer in 新民镇."""

    class Meta:
        model = models.Enterprise

    uscc = factory.Sequence(uscc_of)
    name = factory.Sequence(lambda number: f"垫江第{number}制造有限公司")
    region_id = "500231101"
    industry = "36"
    established_on = dt.date(2015, 3, 1)
    entity_type = models.EntityType.COMPANY
    ownership = models.Ownership.PRIVATE
    mailbox = factory.LazyFunction(lambda: Mailbox.objects.create(kind="enterprise"))


class MembershipFactory(DjangoModelFactory[models.Membership]):
    class Meta:
        model = models.Membership

    enterprise = factory.SubFactory(EnterpriseFactory)
    user = factory.SubFactory(UserFactory)
    role = models.MemberRole.MANAGER


def actor_of(role: models.MemberRole = models.MemberRole.MANAGER) -> Actor:
    membership = MembershipFactory(role=role)
    return Actor(membership.user, membership.enterprise, role)


def give_value(enterprise: models.Enterprise, key: str, **columns: Any) -> models.FactValue:
    """A fact value as an official source gave it, unless told otherwise."""
    tier = columns.pop("tier", Tier.OFFICIAL)
    department = None if tier == Tier.DECLARED else Department.objects.get(code="tax")
    return models.FactValue.objects.create(
        enterprise=enterprise,
        fact=models.Fact.objects.get(key=key),
        tier=tier,
        source_department=columns.pop("source_department", department),
        as_of=columns.pop("as_of", TODAY),
        **columns,
    )
