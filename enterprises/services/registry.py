"""Enterprises as the registry tells of them: the row, its mailbox, and the dated values rules read."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.catalogue import Plain, Tier
from enterprises.models import Enterprise, Fact, FactValue
from enterprises.models.facts import IN_FORCE_ORDER
from enterprises.uscc import parse_uscc
from portal.accounts.models import Department
from portal.kernel.errors import DomainError
from portal.notifications.models import Mailbox

REGISTRY_FACTS = ("region", "industry", "established_on", "entity_type", "ownership")
"""Facts that are columns of the registry."""


@transaction.atomic
def create_enterprise(*, uscc: str, as_of: dt.date, **fields: Any) -> Enterprise:
    """A new enterprise with its mailbox and registry values; a failing check character holds its code.

    Raises DomainError for what is no credit code or is registered already.
    """
    code = parse_uscc(uscc)
    if Enterprise.objects.filter(uscc=code.text).exists():
        raise DomainError(_("统一社会信用代码 %(code)s 已有企业。") % {"code": code.text}, code="uscc_taken")
    mailbox = Mailbox.objects.create(kind="enterprise")
    enterprise = Enterprise.objects.create(
        uscc=code.text, uscc_confirmed=code.checked, mailbox=mailbox, **fields
    )
    record_registry([enterprise], as_of=as_of)
    return enterprise


def record_registry(
    enterprises: Iterable[Enterprise],
    *,
    as_of: dt.date,
    recorded_by: Any = None,
    only: Iterable[str] = REGISTRY_FACTS,
) -> int:
    """Write the registry columns as official values dated ``as_of``; returns how many.

    ``only`` names the facts whose column changed. An empty column withdraws the value that held on that
    day; where there was none it writes nothing.
    """
    told = list(enterprises)
    facts = {fact.key: fact for fact in Fact.objects.filter(key__in=set(only) & set(REGISTRY_FACTS))}
    registrar = Department.objects.filter(code="market").first()
    standing = _standing(told, facts.values(), as_of)
    values = [
        FactValue(
            enterprise=enterprise,
            fact=fact,
            source_department=fact.department or registrar,
            tier=Tier.OFFICIAL,
            as_of=as_of,
            recorded_by=recorded_by,
            **(columns_of(value) if value else {"withdrawn": True}),
        )
        for enterprise in told
        for key, fact in facts.items()
        if (value := _column(enterprise, key)) or (enterprise.pk, fact.pk) in standing
    ]
    return len(FactValue.objects.bulk_create(values, batch_size=5000))


def _standing(enterprises: Iterable[Enterprise], facts: Iterable[Fact], day: dt.date) -> set[tuple[int, int]]:
    """Enterprise and fact where an official value holds on a day."""
    official = FactValue.objects.filter(
        enterprise__in=enterprises, fact__in=facts, tier=Tier.OFFICIAL, as_of__lte=day
    )
    latest = official.order_by("enterprise_id", "fact_id", *IN_FORCE_ORDER).distinct(
        "enterprise_id", "fact_id"
    )
    return {
        (value.enterprise_id, value.fact_id)
        for value in latest
        if not value.withdrawn and not value.not_applicable
    }


@transaction.atomic
def confirm_uscc(enterprise: Enterprise) -> None:
    """An official has seen the licence: a code with a failing check character is real."""
    Enterprise.objects.filter(pk=enterprise.pk).update(uscc_confirmed=True)
    enterprise.uscc_confirmed = True


def columns_of(value: Plain, scaled: int | None = None) -> dict[str, Any]:
    """The value column of a ``FactValue``; ``scaled`` is the stored integer of a number."""
    if isinstance(value, frozenset):
        return {"items": sorted(value)}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, dt.date):
        return {"scaled": value.toordinal()}
    return {"scaled": scaled}


def _column(enterprise: Enterprise, key: str) -> Plain | None:
    return enterprise.region_id if key == "region" else getattr(enterprise, key)
