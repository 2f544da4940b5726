"""Those who call the API, and what is there for them to call it about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.test import Client

from enterprises.actors import Actor
from enterprises.keys import make_key
from enterprises.models import Scope
from policies.applying import drafts
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.appeals import factories as appeals
from tests.applying import factories as applying
from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import bank, filed, opened, put
from tests.policies import factories as policies


@dataclass(frozen=True)
class Caller:
    """Somebody who calls, with the headers that each of their calls carries."""

    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class County:
    """`callers` by their kind; `known`: what a name in an address or body stands for, by the folder."""

    callers: dict[str, Caller]
    known: dict[str, dict[str, Any]]


def browser_of(user: Any) -> Caller:
    """A signed-in session, with the token that writing wants."""
    client = Client()
    client.force_login(user)
    csrf = "c" * 32
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
    return Caller({"X-CSRFToken": csrf, "Cookie": cookies})


def make_county() -> County:
    """An enterprise with an answered appeal, a draft, a loan; its manager and key; an official, a bank."""
    cache.clear()
    actor: Actor = applying.applicant()
    answered = appeals.answered(enterprise=actor.enterprise)
    version = applying.version()
    draft = drafts.start(actor, version, at=applying.now(), key="api:county")
    key = make_key(actor, "ERP", list(Scope))[1]
    system = System(bank())
    loan = put("signed", filed(version=published(system.bank)))
    official = PostingFactory(department=policies.economy(), role=Role.REVIEWER).user
    callers = {
        "member": browser_of(actor.user),
        "official": browser_of(official),
        "key": Caller({"Authorization": f"Bearer {key}"}),
        "bank": Caller({"Authorization": f"Bearer {system.ask().json()['access_token']}"}),
        "anonymous": Caller(),
    }
    shared = {"enterprise": actor.enterprise.pk, "item": version.item.code, "code": version.item.code}
    shared |= {"category": appeals.CategoryFactory().key, "about": DepartmentFactory().code}
    known = {
        "/api/appeals/": shared | {"number": answered.appeal.number},
        "/api/e/": shared | {"number": draft.number, "revision": draft.revision},
        "/api/policies/": shared,
        "/api/v1/bank/hall/": {"number": opened().number},
        "/api/v1/bank/": {"number": loan.number, "rate": "4.35"},
        "/api/v1/": {"client_id": system.client.client_id, "client_secret": system.secret},
    }
    return County(callers, known)
