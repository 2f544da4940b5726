"""就高不重复 at a decision: what the enterprise has of the same group in the same year.

A rule that counts what was received knows what has arrived. What was awarded and is not paid yet it cannot
know: people must, and nobody is faster than they are.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from enterprises.services.locks import take_turn
from policies.models import Application, Award
from policies.models.money.award import AwardQuerySet, AwardSource
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money


def awarded_of_group(application: Application) -> AwardQuerySet:
    """Awards of other items of the item's group, for the same enterprise and year."""
    group = application.version.exclusivity_group
    if not group:
        none: AwardQuerySet = Award.objects.none()
        return none
    same = Award.objects.filter(
        exclusivity_group=group, enterprise=application.enterprise_id, period=application.period
    )
    others: AwardQuerySet = same.exclude(item=application.item_id).exclude(source=AwardSource.CORRECTION)
    return others


def require_reason(application: Application, reason: str) -> None:
    """Raises DomainError for an approval that says nothing about what the enterprise has of the group."""
    found = awarded_of_group(application).select_related("version").order_by("pk").first()
    if found is None or reason.strip():
        return
    raise DomainError(
        _("就高不重复：同组“%(item)s”本年度已核定 %(amount)s。请核减金额，并写明理由。")
        % {"item": found.version.title, "amount": format_money(found.amount_fen)},
        code="exclusive",
    )


def require_nothing_new(application: Application, *, since: dt.datetime) -> None:
    """Raises DomainError when something of the group was awarded after the proposal; in a transaction.

    Whoever awards to this enterprise in this group waits until it ends.
    """
    group = application.version.exclusivity_group or application.item.code
    take_turn(f"award:{group}", application.enterprise_id)
    found = awarded_of_group(application).filter(made_at__gt=since).select_related("version").first()
    if found is not None:
        raise DomainError(
            _("拟定意见以后，同组“%(item)s”又核定了 %(amount)s（就高不重复）。请退回重审。")
            % {"item": found.version.title, "amount": format_money(found.amount_fen)},
            code="exclusive",
        )
