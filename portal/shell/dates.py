"""Days and moments in the words people use: `2 月 25 日（周三）`, `还剩 3 个工作日`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

WEEKDAYS = (lazy("周一"), lazy("周二"), lazy("周三"), lazy("周四"), lazy("周五"), lazy("周六"), lazy("周日"))
DUE_SOON = 5
"""Working days left from which a deadline is shown as due."""


@dataclass(frozen=True)
class Deadline:
    """Until when: `words` say it, `state` colours it (done, due, late, plain), `day_words` name the day."""

    words: str
    state: str
    day_words: str
    days: int | None = None
    opens: bool = False
    """Whether the day is the first one and not the last."""


def day_words(day: date, today: date) -> str:
    """The day with its weekday, and with its year when that is not this year."""
    words = _("%(month)s 月 %(day)s 日（%(weekday)s）") % {
        "month": day.month,
        "day": day.day,
        "weekday": WEEKDAYS[day.weekday()],
    }
    return words if day.year == today.year else _("%(year)s 年 ") % {"year": day.year} + words


def deadline(until: date | None, today: date, workdays: Callable[[date, date], int]) -> Deadline:
    """How long is left until the end of `until`; `workdays(a, b)` counts working days after a up to b."""
    if until is None:
        return Deadline(_("长期有效"), "done", _("没有截止日期"))
    words = day_words(until, today)
    if until < today:
        return Deadline(_("已于 %(day)s截止") % {"day": words}, "late", words)
    if until == today:
        return Deadline(_("今天截止"), "late", words, 0)
    left = workdays(today, until)
    if left == 0:
        return Deadline(_("节假日内截止"), "late", words, 0)
    state = "due" if left <= DUE_SOON else "done"
    return Deadline(_("还剩 %(count)s 个工作日") % {"count": left}, state, words, left)


def opening(start: date | None, today: date) -> Deadline | None:
    """What to say of a window that has not opened yet; None once it has."""
    if start is None or start <= today:
        return None
    words = day_words(start, today)
    return Deadline(_("%(day)s开始") % {"day": words}, "info", words, opens=True)


def moment_words(moment: datetime, now: datetime) -> str:
    """`今天 09:30`, `昨天 17:05`, `11 月 20 日（周五） 16:42`."""
    local, here = timezone.localtime(moment), timezone.localtime(now)
    clock = local.strftime("%H:%M")
    days = (here.date() - local.date()).days
    if days == 0:
        return _("今天 %(clock)s") % {"clock": clock}
    if days == 1:
        return _("昨天 %(clock)s") % {"clock": clock}
    return f"{day_words(local.date(), here.date())} {clock}"
