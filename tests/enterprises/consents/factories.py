"""Banks that may be let know, and consents given to them."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from enterprises.actors import Actor
from enterprises.consents import granting
from enterprises.consents.reading import Reader
from enterprises.models import Consent, Grantee, GranteeKind
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import actor_of, uscc_of

MONTH = dt.timedelta(days=30)
FACTS = ("revenue", "debt_ratio", "tax_credit_grade")


class GranteeFactory(DjangoModelFactory[Grantee]):
    class Meta:
        model = Grantee

    kind = GranteeKind.BANK
    name = factory.Sequence(lambda number: f"垫江第{number}银行")
    uscc = factory.Sequence(lambda number: uscc_of(900_000 + number))


def terms(at: dt.datetime, **changed: Any) -> granting.Terms:
    """Three facts and a credential for a month."""
    given: dict[str, Any] = {
        "facts": FACTS,
        "credentials": ("high_tech",),
        "purpose": "办理流动资金贷款",
        "until": at + MONTH,
        "reference": "DK-2026-000001",
    }
    return granting.Terms(**given | changed)


def consent_of(
    actor: Actor | None = None,
    grantee: Grantee | GranteeKind | None = None,
    at: dt.datetime | None = None,
    **changed: Any,
) -> Consent:
    """A consent given an hour ago, unless told otherwise, to a bank."""
    at = at or timezone.now() - dt.timedelta(hours=1)
    return granting.grant(actor or actor_of(), grantee or GranteeFactory(), terms(at, **changed), at=at)


def reader_of(consent: Consent, **changed: Any) -> Reader:
    """An officer of the consent's grantee."""
    given: dict[str, Any] = {"grantee": consent.grantee, "user": UserFactory(name="李客户经理")}
    return Reader(**given | {"why": "贷前调查"} | changed)
