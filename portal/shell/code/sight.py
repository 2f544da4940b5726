"""What somebody who scanned a code may see: by their role, and by what the enterprise consented to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from enterprises.admin.knowledge import departments_of
from enterprises.models import Consent, Enterprise, Grantee, Scanner
from enterprises.services import knowledge_of
from enterprises.sheet import Row, rows
from finance.acting import BankActor
from finance.models import BankOfficer, LoanApplication
from portal.accounts.models import Department
from portal.accounts.requests import signed_in
from portal.accounts.second_factor import passed_second_factor

if TYPE_CHECKING:
    from enterprises.models.consents import ConsentQuerySet


@dataclass(frozen=True, slots=True)
class Sight:
    """As whom, and what; `locked` until this session has shown the second factor."""

    role: Scanner
    grantee: Grantee | None = None
    consents: Sequence[Consent] = ()
    rows: Sequence[Row] = ()
    locked: bool = False


def sight_of(request: HttpRequest, enterprise: Enterprise, now: dt.datetime) -> Sight:
    """What the signed-in user may see of the enterprise beyond what is public.

    A bank's officer sees which consents it gave their bank, but not those for another branch's loans, and
    reads under one only by asking for it; an official what their departments keep, as in the back office;
    others nothing.
    """
    user, today = signed_in(request), timezone.localdate(now)
    post = (
        BankOfficer.objects.serving(today).filter(user=user).select_related("bank__grantee", "branch").first()
    )
    role = Scanner.BANK if post else Scanner.OTHER
    if post is None and user.is_active and user.has_perm("enterprises.view_factvalue"):
        role = Scanner.OFFICIAL
    if role is Scanner.OTHER or not passed_second_factor(request):
        return Sight(role, locked=role is not Scanner.OTHER)
    if post is not None:
        given = _given(BankActor(user, post.bank, post.role, post.branch))
        return Sight(role, post.bank.grantee, list(given.live(now).filter(enterprise=enterprise)))
    return Sight(role, rows=_kept(request, enterprise, today))


def _given(actor: BankActor) -> ConsentQuerySet:
    """Consents given to the bank: for loans that the officer sees, or for none."""
    if actor.bank.grantee is None:
        return Consent.objects.none()
    walled = LoanApplication.objects.at(actor.bank).exclude(pk__in=LoanApplication.objects.visible_to(actor))
    others = walled.exclude(consent=None).values("consent")
    return Consent.objects.given_to(actor.bank.grantee).exclude(pk__in=others)


def _kept(request: HttpRequest, enterprise: Enterprise, today: dt.date) -> list[Row]:
    """What is known of facts that the official's departments keep; all for those who see the whole county."""
    knowledge = knowledge_of(enterprise, as_of=today)
    departments, catalogue = departments_of(request), knowledge.catalogue
    known = [row for row in rows(knowledge) if row.value]
    if departments is None:
        return known
    names = set(Department.objects.filter(pk__in=departments).values_list("short_name", flat=True))
    return [row for row in known if row.key in catalogue and catalogue[row.key].department in names]
