"""Who is acting for a bank: an officer and the bank that stands in the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils import timezone

from finance.models import Bank, BankOfficer, Branch
from portal.accounts.desks import signed_in_person
from portal.accounts.models import User

DESK = "/bank/"
"""Where banks work; the second factor is asked for as at every desk."""


@dataclass(frozen=True, slots=True)
class BankActor:
    """A user at work for one bank, or for one branch of it."""

    user: User
    bank: Bank
    role: str
    branch: Branch | None = None

    def holds(self, *roles: str) -> bool:
        """Whether the user's post is one of these."""
        return self.role in roles


def act(request: HttpRequest, bank: int, *roles: str) -> BankActor:
    """The user as one of the bank's people today, in one of the roles (any, when none is named).

    Else `Http404`; for superusers too: what enterprises let a bank read is the bank's alone. One query.
    The actor is put on the request for the frame of the page.
    """
    user = signed_in_person(request)
    posts = BankOfficer.objects.serving(timezone.localdate()).select_related("bank", "branch")
    post = posts.filter(user=user, bank=bank).first()
    if post is None or (roles and post.role not in roles):
        raise Http404
    actor = BankActor(user, post.bank, post.role, post.branch)
    request.bank_actor = actor  # type: ignore[attr-defined]
    return actor


def serves_a_bank(user: User) -> bool:
    """Whether the user has something to do at a bank's desk today."""
    return BankOfficer.objects.serving(timezone.localdate()).filter(user=user).exists()
