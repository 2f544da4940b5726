"""What is looked at again and again: payments without an answer, and figures that must always hold."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from policies.money import invariants, results
from policies.money.alarms import Alarm, sound


def watch_silence(at: dt.datetime) -> int:
    """Payments that waited too long become unknown; returns how many did. Nobody is paid anew for silence."""
    silent = results.overdue(at)
    if silent:
        title = _("%(count)d 笔拨付逾期没有回单") % {"count": silent}
        body = _("系统会重新送出同一份指令文件，不会另行拨付。请与国库核实。")
        sound(Alarm(f"silent:{at:%Y-%m-%dT%H:%M}", title, body, "payments/"))
    return silent


def scan_books(at: dt.datetime) -> int:
    """Compare all that must hold, in one query; an alarm a day for each figure that does not."""
    broken, day = invariants.broken(), timezone.localdate(at)
    for figure in broken:
        meaning = str(invariants.MEANINGS.get(figure.name, figure.name))
        title = _("账目核验不符：%(meaning)s（%(count)d 处）") % {"meaning": meaning, "count": figure.broken}
        sound(Alarm(f"books:{figure.name}:{day:%Y-%m-%d}", title, figure.detail, "books/"))
    return len(broken)
