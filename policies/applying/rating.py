"""What an enterprise says of how its application was handled, once, after the decision."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from policies.enums import DECIDED
from policies.models import Application, ApplicationRating
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User

LONGEST = 1000


def rate(
    application: Application, stars: int, comment: str, *, by: User | None, at: dt.datetime
) -> ApplicationRating:
    """Keep one to five stars and some words. Raises DomainError before the decision and a second time."""
    if application.state not in DECIDED:
        raise DomainError(_("办结后才能评价。"), code="not_decided")
    if not 1 <= stars <= 5:
        raise DomainError(_("请评一至五星。"), code="no_stars")
    if len(comment.strip()) > LONGEST:
        raise DomainError(_("意见最多 %(most)d 个字。") % {"most": LONGEST}, code="too_long")
    try:
        with transaction.atomic():
            return ApplicationRating.objects.create(
                application=application, stars=stars, comment=comment.strip(), by=by, at=at
            )
    except IntegrityError:
        raise DomainError(_("这件申报已经评价过，谢谢。"), code="rated") from None
