"""A list as a file, with its reasons: for the meeting, the archive and the auditor."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from policies.enjoying.desk.runs import run_at
from policies.models import EnjoyCandidate, EnjoyRun
from policies.models.enjoying.vocabulary import Place, Way
from policies.reviewing.desk.acting import act
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import KINDS, Cell, Table, handed_out


@require_safe
def export(request: HttpRequest, department: int, run: int, kind: str) -> HttpResponse:
    """All three lists as CSV or XLSX, who is in first."""
    desk = act(request, department)
    if kind not in KINDS:
        raise Http404
    found = run_at(desk, run)
    rows = found.candidates.select_related("enterprise", "excluded_by").defer("evidence")
    ordered = rows.order_by("rank", "way", "pk")
    lines = [_line(row) for place in Place for row in ordered if row.stands == place]
    now = timezone.localtime()
    notes = [
        *_said(found),
        _("导出：%(who)s，%(at)s") % {"who": desk.user, "at": f"{now:%Y-%m-%d %H:%M}"},
    ]
    table = Table(_("免申即享名单"), _head(), lines, notes)
    return handed_out(table, kind, f"enjoy-{found.item.code}-{found.period}-{found.pk}")


def _head() -> list[str]:
    return [
        _("名单"),
        _("次序"),
        _("企业"),
        _("统一社会信用代码"),
        _("金额（元）"),
        _("理由"),
        _("出路"),
        _("状态"),
        _("排除人"),
        _("排除理由"),
        _("企业答复时间"),
        _("企业的理由"),
        _("证据 SHA-256"),
    ]


def _line(row: EnjoyCandidate) -> list[Cell]:
    return [
        str(row.stands.label),
        row.rank,
        row.enterprise.name,
        row.enterprise.uscc,
        yuan(row.amount_fen),
        row.words or None,
        str(Way(row.way).label) if row.way else None,
        row.get_state_display() if row.place == Place.IN else None,
        row.excluded_by.name if row.excluded_by else None,
        row.exclusion or None,
        row.answered_at,
        row.answer or None,
        row.digest,
    ]


def _said(run: EnjoyRun) -> list[str]:
    """What list it is, by what it was judged, and who put their name to it."""
    notes = [
        _("%(item)s，%(year)d 年度，状态：%(state)s")
        % {"item": run.version.title, "year": run.period, "state": run.get_state_display()},
        _("按 %(day)s 的官方数据判断，数据截至 %(known)s；名单 SHA-256：%(digest)s")
        % {"day": run.as_of, "known": _minute(run.known_at), "digest": run.digest},
    ]
    if run.reviewed_by:
        notes.append(_("把关：%(who)s，%(at)s") % {"who": run.reviewed_by, "at": _minute(run.reviewed_at)})
    if run.confirmed_by:
        notes.append(_("审定：%(who)s，%(at)s") % {"who": run.confirmed_by, "at": _minute(run.confirmed_at)})
    return notes


def _minute(moment: dt.datetime | None) -> str | None:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else None
