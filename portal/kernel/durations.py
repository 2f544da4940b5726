"""How long something takes, in words."""

import datetime as dt

from django.utils.translation import gettext as _


def roughly(span: dt.timedelta) -> str:
    """For a deadline: days from two on, then hours, then minutes; never none."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 48 * 60:
        return _("%(count)d 天") % {"count": minutes // (24 * 60)}
    if minutes >= 60:
        return _("%(count)d 小时") % {"count": minutes // 60}
    return _("%(count)d 分钟") % {"count": max(minutes, 1)}


def closely(span: dt.timedelta) -> str:
    """A span as people compare it: minutes, hours from one on, days from one on, with one decimal."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return _("%(minutes)d 分钟") % {"minutes": minutes}
    hours = minutes / 60
    if round(hours, 1) < 24:
        return _("%(hours)s 小时") % {"hours": f"{hours:.1f}"}
    return _("%(days)s 天") % {"days": f"{hours / 24:.1f}"}
