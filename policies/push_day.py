"""When enterprises are told of a version, and how the official who publishes it is told so."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from policies.models import ItemVersion


def push_day(version: ItemVersion, today: dt.date) -> dt.date | None:
    """The day on which enterprises are first told: in force and open; None when that day never comes."""
    begins, valid = version.rule_version.begins, version.rule_version.valid
    if begins is None:
        return None
    day = max(today, begins, version.window_from or today)
    over = valid.upper is not None and day >= valid.upper
    return None if over or not version.is_open(day) else day


def before_publishing(version: ItemVersion, today: dt.date) -> str:
    """What publishing will do, on the page that asks for it."""
    return _("%(push)s内容不能再改，只能撤回，或者编写新版本替代。") % {
        "push": _push_words(version, today, _("发布后立即核对全县企业并发出消息。"))
    }


def after_publishing(version: ItemVersion, today: dt.date) -> str:
    """What publishing has done."""
    return _("已发布。%(push)s") % {"push": _push_words(version, today, _("正在推送给符合条件的企业。"))}


def _push_words(version: ItemVersion, today: dt.date, at_once: str) -> str:
    day = push_day(version, today)
    if day is None:
        return _("申报或有效期已经结束，不推送，只供查阅。")
    if day == today:
        return at_once
    words = {
        "day": _("%(year)d 年 %(month)d 月 %(day)d 日")
        % {"year": day.year, "month": day.month, "day": day.day}
    }
    if day == version.rule_version.begins:
        return _("%(day)s起生效，届时核对全县企业并推送，此前不发消息。") % words
    return _("%(day)s开始申报，届时核对全县企业并推送，此前不发消息。") % words
