"""Of consents in words: to whom, and when, as messages and papers say it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Consent, GranteeKind


def whom(consent: Consent) -> str:
    """To whom it is given; of an open one who that will be."""
    return consent.grantee.name if consent.grantee else whoever(consent.open_to)


def whoever(kind: str) -> str:
    """A grantee of a kind that nobody knows yet."""
    return _("接单的%(kind)s") % {"kind": GranteeKind(kind).label}


def moment(at: dt.datetime) -> str:
    """A point in time."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def end(at: dt.datetime) -> str:
    """The end of a consent (exclusive), the same on pages, papers and in messages: until which day it lasts.

    What ends as a day begins ended with the day before.
    """
    local = timezone.localtime(at)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(at)
    last = local.date() - dt.timedelta(days=1)
    said = {"year": last.year, "month": last.month, "day": last.day}
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % said
