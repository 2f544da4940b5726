"""The page of figures, and the same table as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises.services.catalogue import load_catalogue
from policies.applying.questions import split_key
from policies.enums import Wanted
from policies.reviewing import figures
from policies.reviewing.desk.acting import act_for_figures, counts_all
from policies.reviewing.figures import STEPS, Line, Population
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.durations import closely
from portal.kernel.spreadsheets import KINDS, Cell, Percent, Table, handed_out

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
DAYS: Final = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
BY: Final = {"item": gettext_lazy("按事项"), "department": gettext_lazy("按部门")}


class PeriodForm(forms.Form):
    """From which day to which applications were handed in."""

    since = forms.DateField(
        label=gettext_lazy("提交日期自"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("至"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@dataclass(frozen=True)
class Report:
    """What is counted, and by what; without days, or with days that cannot be meant, of twelve months."""

    desk: Desk
    form: PeriodForm
    by: str
    now: dt.datetime

    @classmethod
    def of(cls, request: HttpRequest, desk: Desk) -> Report:
        """As the address asks."""
        today = timezone.localdate()
        given = request.GET.copy()
        given.setdefault("since", (today - dt.timedelta(days=364)).isoformat())
        given.setdefault("until", today.isoformat())
        by = given.get("by", "")
        allowed = BY if counts_all(desk) else {"item": BY["item"]}
        first = "department" if counts_all(desk) else "item"
        return cls(desk, PeriodForm(given), by if by in allowed else first, timezone.now())

    @cached_property
    def population(self) -> Population:
        """The applications that are counted."""
        days = self.form.cleaned_data if self.form.is_valid() else {}
        today = timezone.localdate(self.now)
        since = days.get("since") or today - dt.timedelta(days=364)
        until = days.get("until") or today
        return Population(None if counts_all(self.desk) else self.desk.department, since, until)

    @cached_property
    def lines(self) -> tuple[list[Line], Line]:
        """The table and its sum."""
        return figures.lines(self.population, self.by, self.now)

    @property
    def words(self) -> str:
        """What is counted, in words."""
        scope = _("全县") if counts_all(self.desk) else self.desk.department.name
        said = {"scope": scope, "since": self.population.since, "until": self.population.until}
        count = self.lines[1].counts["received"]
        return _("%(scope)s，%(since)s 至 %(until)s 提交的 %(count)d 件申报") % (said | {"count": count})

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Other ways of telling apart; none at a department's own desk."""
        if not counts_all(self.desk):
            return []
        days = f"since={self.population.since}&until={self.population.until}"
        return [
            {"url": f"?by={key}&{days}", "label": label, "count": None, "current": key == self.by}
            for key, label in BY.items()
        ]


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The table, the worst queue first, and why applications came back or were refused."""
    desk = act_for_figures(request, department)
    report = Report.of(request, desk)
    found, total = report.lines
    wanted = figures.wanted_most(report.population)
    context = {
        "department": desk.department,
        "report": report,
        "sees_speed": desk.holds(Role.LEADER, Role.SUPERVISOR),
        "notes": meanings(),
        "steps": STEPS.values(),
        "lines": [shown(line) for line in found],
        "total": shown(total),
        "wanted": [row | {"kind": Wanted(row["wanted"]).label, "target": named(row)} for row in wanted],
        "refused": figures.refused_most(report.population),
    }
    return render(request, "reviewing/figures.html", context)


def named(row: Mapping[str, Any]) -> str:
    """What was wanted, in words: a question by its fact's name and year, a material as it is called."""
    fact, year = split_key(row["target"])
    catalogue = load_catalogue()
    if row["wanted"] != Wanted.ANSWER or fact not in catalogue:
        return str(row["target"])
    label = catalogue[fact].label
    return label if year is None else _("%(label)s（%(year)s 年度）") % {"label": label, "year": year}


@require_safe
def export(request: HttpRequest, department: int, kind: str) -> HttpResponse:
    """The table as CSV or XLSX, with what was counted, for whom and when."""
    desk = act_for_figures(request, department)
    if kind not in KINDS:
        raise Http404
    report = Report.of(request, desk)
    found, total = report.lines
    lines = [_cells(line, line.name) for line in found] + [_cells(total, _("合计"))]
    made = {"who": desk.user, "at": f"{timezone.localtime(report.now):%Y-%m-%d %H:%M}"}
    notes = [report.words, _("导出：%(who)s，%(at)s") % made, *meanings()]
    table = Table(_("申报统计"), _head(report), lines, notes)
    return handed_out(table, kind, f"application-figures-{timezone.localdate(report.now)}")


def meanings() -> list[str]:
    """What each figure is a figure of."""
    return [
        _("各步时长是已经走完这一步的次数的中位数（按自然时间）；全程从第一次提交到决定，只算已决定的。"),
        _("按时率：已完成的部门时限中没有超期的；企业补正和公示不算，联审意见的时限算被提请的部门。"),
        _("退回补正：至少退回过一次的件数占收到的；不予支持占已决定的。"),
        _("满意度：已决定且企业作了评价的平均星数，没有评价的不算。"),
    ]


def shown(line: Line) -> dict[str, Any]:
    """A line in the words of the page."""
    counts = line.counts
    return {
        "name": line.name,
        "counts": counts,
        "returned": percent(counts["returned"], counts["received"]),
        "refused": percent(counts["refused"], counts["decided"]),
        "on_time": percent(counts["on_time"], counts["met"]),
        "stars": f"{counts['stars']:.1f}" if counts["rated"] else "",
        "times": [(label, closely(span) if span is not None else "") for label, span in line.steps],
    }


def percent(part: int, whole: int) -> Percent:
    """A share with its words: “—” of an empty whole."""
    return Percent(part, whole, f"{100 * part / whole:.0f}%" if whole else "—")


def _head(report: Report) -> list[str]:
    counted = [_("收到"), _("在办"), _("超期"), _("已决定"), _("通过"), _("不予支持"), _("企业撤回")]
    shares = [_("退回补正占比"), _("不予支持占比"), _("按时率"), _("评价数"), _("平均星数")]
    times = [_("%(step)s（小时）") % {"step": label} for label in STEPS.values()]
    return [str(BY[report.by]), *counted, *shares, *times]


def _cells(line: Line, name: str) -> list[Cell]:
    counts, words = line.counts, shown(line)
    stars = round(float(counts["stars"]), 2) if counts["rated"] else None
    hours = [None if span is None else round(span.total_seconds() / 3600, 2) for _label, span in line.steps]
    plain = ("received", "open", "overdue", "decided", "approved", "refused", "withdrawn")
    return [
        name,
        *(counts[key] for key in plain),
        words["returned"],
        words["refused"],
        words["on_time"],
        counts["rated"],
        stars,
        *hours,
    ]
