"""Who is acting: a user for one enterprise, taken from the URL and from nowhere else."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from enterprises.models import Enterprise, MemberRole, Membership
from enterprises.models.membership import MANAGING
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A user and the enterprise they act for."""

    user: User
    enterprise: Enterprise
    role: MemberRole

    @property
    def may_manage(self) -> bool:
        """Whether the actor may invite and dismiss members."""
        return self.role in MANAGING


def get_actor(user: User, pk: int) -> Actor:
    """The user as a member of an enterprise, one query; ``Http404`` when they are none today."""
    memberships = Membership.objects.current().select_related("enterprise__region")
    membership = memberships.filter(user_id=user.pk, enterprise_id=pk).first() if user.pk else None
    if membership is None:
        raise Http404
    return Actor(user, membership.enterprise, MemberRole(membership.role))


def get_enterprise_for(user: User, pk: int) -> Enterprise:
    """The enterprise when the user may act for it; ``Http404`` otherwise."""
    return get_actor(user, pk).enterprise


def phone_of(actor: Actor, written: QuerySet[Any]) -> str:
    """Where the person is called: their own mobile, else the number they gave last; empty without either.

    `written`: rows with a `contact_phone` that this person wrote for the enterprise.
    """
    if actor.user.mobile:
        return actor.user.mobile
    given = written.exclude(contact_phone="").order_by("-pk").values_list("contact_phone", flat=True)
    return given.first() or ""
