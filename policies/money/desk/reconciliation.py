"""Reconciliation to be read and printed: by day and by batch, differences first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from policies.models import BudgetLine
from policies.models.money.exchange import FileState
from policies.money import reconciling
from policies.money.desk.acting import act, frame, lines_at, returned_at
from policies.money.reconciling import BatchRow
from portal.accounts.desks import Desk

TABS: Final = {"batch": _("按批次"), "day": _("按日")}
DAYS: Final = 31
LONGEST: Final = 400
OTHERS: Final = 200


class SpanForm(forms.Form):
    """Which line, and for days from when until when."""

    line = forms.ModelChoiceField(
        BudgetLine.objects.none(), label=_("预算指标"), required=False, empty_label=_("全部")
    )
    since = forms.DateField(
        label=_("自"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("至"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: object, desk: Desk, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["line"].queryset = lines_at(desk)  # type: ignore[attr-defined]

    def span(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """From when until when: as asked, of at most a year, else the last month."""
        given = self.cleaned_data if self.is_valid() else {}
        until = given.get("until") or today
        since = given.get("since") or until - dt.timedelta(days=DAYS - 1)
        earliest = until - dt.timedelta(days=LONGEST)
        return max(min(since, until), earliest), until


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Our books beside the treasury's words."""
    desk = act(request, department)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "batch"
    today = timezone.localdate()
    given = request.GET.copy()
    given.setdefault("since", (today - dt.timedelta(days=DAYS - 1)).isoformat())
    given.setdefault("until", today.isoformat())
    form = SpanForm(given, desk=desk)
    since, until = form.span(today)
    line = form.cleaned_data.get("line")
    asked = [line] if line else list(lines_at(desk))
    context = frame(
        desk,
        "desk_money_reconciliation",
        tab=tab,
        form=form,
        since=since,
        until=until,
        line=line,
        now=timezone.now(),
        tabs=[
            {"url": f"?tab={key}", "label": label, "count": None, "current": key == tab}
            for key, label in TABS.items()
        ],
    )
    rows = [row for one in asked for row in reconciling.by_batch(one)]
    rows.sort(key=lambda row: row.rank)
    context |= _open(desk, line, rows)
    if tab == "batch":
        context |= {"rows": rows, "differing": sum(row.differs for row in rows)}
    else:
        days = [(one, reconciling.by_day(since, until, one)) for one in asked]
        context |= {
            "days": [(one, rows) for one, rows in days if rows],
            "differing": sum(row.differs for _one, rows in days for row in rows),
            "others": reconciling.other_days(since, until, asked)[:OTHERS],
        }
    return render(request, "money/desk/reconciliation.html", context)


def _open(desk: Desk, line: BudgetLine | None, rows: list[BatchRow]) -> dict[str, int]:
    """What keeps accounts from being even though nothing differs: files not booked, payments unanswered."""
    files = returned_at(desk)
    if line:
        files = files.filter(instruction__batch__line=line)
    unknown = sum(row.unknown_count for row in rows)
    waiting = sum(row.open_count for row in rows) - unknown
    return {
        "quarantined": files.filter(state=FileState.QUARANTINED).count(),
        "unconfirmed": files.filter(state=FileState.WAITING).count(),
        "unknown": unknown,
        "waiting": waiting,
    }
