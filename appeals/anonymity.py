"""Whom those who handle an anonymous appeal do not get to know: everybody who acted for its enterprise."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from appeals.enums import Source
from appeals.models import Appeal, AppealEvent, OrderEvent, Survey
from enterprises.models import Membership
from portal.accounts.models import User

Hidden = frozenset[int]
"""Ids of users whose names are not told."""
NOBODY_HIDDEN: Final[Hidden] = frozenset()
FIRMS_OWN: Final = ("supplement", "chase", "withdraw", "reopen")
"""Events of an appeal that only its enterprise brings about."""
FILED_BY_FIRM: Final = (Source.PORTAL, Source.API)
"""Other appeals are entered by officials."""


def firm_side(appeal: Appeal) -> Hidden:
    """The members of the appeal's enterprise, and whoever acted for it though no member now. One query."""
    filed = ("submit",) if appeal.source in FILED_BY_FIRM else ()
    steps: Any = AppealEvent.objects.filter(subject=appeal, name__in=(*FIRMS_OWN, *filed)).values_list(
        "actor"
    )
    replies = OrderEvent.objects.filter(subject__appeal=appeal, name="reply").values_list("actor")
    surveys = Survey.objects.filter(order__appeal=appeal, by_phone=False).values_list("by")
    members = Membership.objects.filter(enterprise=appeal.enterprise_id).values_list("user")
    found = steps.order_by().union(replies.order_by(), surveys.order_by(), members.order_by())
    return frozenset(user for (user,) in found if user is not None)


def called(user: User | None, hidden: Hidden = NOBODY_HIDDEN) -> str:
    """Who did something, in words: the name, “企业” for whoever is hidden, “系统” for nobody."""
    if user is None:
        return _("系统")
    return _("企业") if user.pk in hidden else str(user)
