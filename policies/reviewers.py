"""Who reviews and decides: by role in the department, or in the place of a colleague who is away."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Membership
from policies.models import Application, ReviewDelegation
from portal.accounts.models import Department, Posting, User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

REVIEWING = (Role.REVIEWER, Role.LEADER)
"""Roles that work at the review desk; deciding is either's, but never of one's own proposal."""


def may_review(user: User | None, department: int, *roles: str) -> bool:
    """Whether a user holds one of the roles (any of `REVIEWING`) there today, or stands in for who does."""
    if user is None or not user.is_active:
        return False
    wanted = set(roles or REVIEWING)
    if user.is_superuser or any(user.has_role(role, department) for role in wanted):
        return True
    return _standing_in(user, wanted).filter(department=department).exists()


def require_review(user: User | None, department: Department, *roles: str) -> None:
    """Raises DomainError, with whom to ask, when `may_review` says no."""
    if not may_review(user, department.pk, *roles):
        names = "、".join(str(Role(role).label) for role in roles or REVIEWING)
        raise DomainError(
            _("您没有“%(department)s”的“%(roles)s”岗位，请由有该岗位的同事办理。")
            % {"department": department.name, "roles": names},
            code="no_role",
        )


def require_case(
    user: User | None, application: Application, *roles: str, department: Department | None = None
) -> None:
    """`require_review` in the department that decides (or the one named), by nobody of the firm that applies.

    Raises DomainError: whoever belongs to the applicant stands back (回避), whatever their office.
    """
    require_review(user, department or application.item.department, *roles)
    if user is not None and belongs_to(user, application):
        raise DomainError(
            _("您是申报企业“%(firm)s”的成员，须回避，请由其他同事办理。")
            % {"firm": application.enterprise.name},
            code="own_firm",
        )


def belongs_to(user: User, application: Application) -> bool:
    """Whether the user is a member of the enterprise that applies; one query."""
    return Membership.objects.current().filter(user=user, enterprise=application.enterprise_id).exists()


def own_firm(user: User) -> Exists:
    """Whether rows with an `enterprise` are of one that the user is a member of now."""
    return Exists(Membership.objects.current().filter(user=user, enterprise=OuterRef("enterprise")))


def may_delegate(user: User, department: int, away: int) -> bool:
    """Whether a user may say who stands in there for somebody: for oneself, or as the department's leader.

    By a role of their own: whoever stands in names no further substitute.
    """
    if user.is_superuser or user.has_role(Role.LEADER, department):
        return True
    return user.pk == away and user.has_role(Role.REVIEWER, department)


def departments_of(user: User) -> set[int]:
    """Ids of the departments at whose review desk the user works, own or in a colleague's place."""
    own = {place for role in REVIEWING for place in user.departments_as(role)}
    substituted = _standing_in(user, REVIEWING).values_list("department", flat=True)
    return own | set(substituted)


def reviewing_departments() -> QuerySet[Posting, int]:
    """Ids of the departments in which anybody could give an opinion: those with a reviewer or leader."""
    posted = Posting.objects.filter(role__in=REVIEWING, user__is_active=True)
    return posted.values_list("department", flat=True)


def reviewers_of(department: int, roles: tuple[str, ...]) -> QuerySet[User]:
    """Active users who work there in one of the roles today; of those away, their substitutes."""
    posted = User.objects.filter(is_active=True, postings__department=department, postings__role__in=roles)
    today = timezone.localdate()
    away = ReviewDelegation.objects.filter(
        department=department, first_day__lte=today, last_day__gte=today, away__in=posted.values("pk")
    )
    present = posted.exclude(pk__in=away.values("away"))
    return User.objects.filter(
        Q(pk__in=present.values("pk")) | Q(pk__in=away.values("substitute"), is_active=True)
    )


def _standing_in(user: User, roles: Iterable[str]) -> QuerySet[ReviewDelegation]:
    """What the user stands in for today: for colleagues who still hold one of the roles there."""
    today = timezone.localdate()
    held = Posting.objects.filter(
        user=OuterRef("away"), department=OuterRef("department"), role__in=roles, user__is_active=True
    )
    delegations = ReviewDelegation.objects.filter(substitute=user, first_day__lte=today, last_day__gte=today)
    return delegations.filter(Exists(held))
