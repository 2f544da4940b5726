"""The queue as a file, narrowed as the page is."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from policies.models import Application
from policies.reviewing.desk.acting import act
from policies.reviewing.desk.baskets import moment_of
from policies.reviewing.desk.queue import Asked
from policies.reviewing.desk.rows import Row, rows_of
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import KINDS, Cell, Table, handed_out

MOST: Final = 10_000
"""Lines of a file; what is beyond is told."""


@require_safe
def export(request: HttpRequest, department: int, kind: str) -> HttpResponse:
    """The basket, or what was searched, as CSV or XLSX."""
    desk = act(request, department)
    if kind not in KINDS:
        raise Http404
    asked = Asked(desk, request.GET, moment_of(desk))
    keys = list(asked.rows.values_list("pk", flat=True)[: MOST + 1])
    lines = [_line(row) for row in rows_of(keys[:MOST], desk)]
    now = timezone.localtime()
    notes = [
        _("范围：%(department)s，%(basket)s，共 %(count)d 件")
        % {"department": desk.department.name, "basket": asked.basket.label, "count": len(lines)},
        _("导出：%(who)s，%(at)s") % {"who": desk.user, "at": f"{now:%Y-%m-%d %H:%M}"},
        _("金额单位为元；“测算”是最近一次提交时按规则算出的上下限，“核定”是拟定或审定的。"),
    ]
    if len(keys) > MOST:
        notes.append(_("只导出最前面的 %(most)d 件，请筛选后分次导出。") % {"most": MOST})
    table = Table(_("申报"), _head(), lines, notes)
    return handed_out(table, kind, f"applications-{asked.basket.key}-{now:%Y-%m-%d}")


def _head() -> list[str]:
    return [
        _("编号"),
        _("事项"),
        _("年度"),
        _("企业"),
        _("统一社会信用代码"),
        _("状态"),
        _("提交时间"),
        _("审核人"),
        _("测算下限（元）"),
        _("测算上限（元）"),
        _("核定金额（元）"),
        _("拟定"),
        _("依据条款"),
        _("理由"),
        _("决定时间"),
        _("时限"),
        _("到期时间"),
        _("时限状态"),
    ]


def _line(row: Row) -> list[Cell]:
    one = row.application
    low, high = row.amounts
    return [
        one.number,
        one.version.title,
        one.period,
        one.enterprise.name,
        one.enterprise.uscc,
        one.get_state_display(),
        one.submitted_at,
        one.reviewer.name if one.reviewer else None,
        yuan(low),
        yuan(high),
        *(_decision(one) if row.reads_inner else (None,) * 5),
        row.name or None,
        row.due_at,
        str(row.light.label) if row.light else None,
    ]


def _decision(one: Application) -> tuple[Cell, ...]:
    """What is proposed or decided: not for a department that was only asked, nor for a member of the firm."""
    words = (one.get_outcome_display() or None, one.clause or None, one.reason or None)
    return yuan(one.amount_fen), *words, one.decided_at
