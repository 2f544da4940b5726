"""The duty roster: who is on duty on which day, who is away, and who stands in."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from appeals.desk.acting import act, holds
from appeals.models import Shift
from appeals.rota import Rota
from portal.accounts.desks import Desk
from portal.accounts.models import Absence, Officer
from portal.accounts.roles import Role
from portal.kernel.workdays import Calendar

KEEPERS: Final = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)
"""Roles that write the roster of their department."""
LONGEST: Final = 366
YEARS: Final = range(2000, 2101)
"""Whose months can be looked at."""
ONE_DAY: Final = dt.timedelta(days=1)


class SpanForm(forms.Form):
    """An officer of the department, from one day to another, both included."""

    officer = forms.ModelChoiceField(Officer.objects.none(), label=gettext_lazy("人员"))
    first = forms.DateField(
        label=gettext_lazy("从"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("到"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days in order, no more than a year of them."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not first <= last <= first + LONGEST * ONE_DAY:
            self.add_error("last", _("止日不能早于起日，一次最多一年。"))
        return given


class AbsenceForm(SpanForm):
    """Who is away, and who stands in."""

    substitute = forms.ModelChoiceField(Officer.objects.none(), label=gettext_lazy("代办人"), required=False)
    reason = forms.CharField(label=gettext_lazy("事由"), max_length=100, required=False)

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, officers=officers, **kwargs)
        self.fields["substitute"].queryset = officers  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Day:
    """A line of the roster. `present` does the duty; it is not the officer's own when they are away."""

    day: dt.date
    works: bool
    shift: Shift | None
    present: Officer | None

    @property
    def stands_in(self) -> bool:
        return self.shift is not None and self.present is not None and self.present != self.shift.officer


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """A month, this one unless another is asked for as `month=2026-11`."""
    desk = act(request, department)
    return _shown(request, desk)


@require_POST
def put_on_duty(request: HttpRequest, department: int) -> HttpResponse:
    """Put an officer on duty on every working day of a span; who stood there before is replaced."""
    desk = act(request, department, *KEEPERS)
    form = SpanForm(request.POST, officers=_officers(desk), auto_id="shift-%s")
    if not form.is_valid():
        return _shown(request, desk, shift=form, status=422)
    given, works = form.cleaned_data, Calendar.load().is_workday
    span = range((given["last"] - given["first"]).days + 1)
    days = [day for day in (given["first"] + number * ONE_DAY for number in span) if works(day)]
    with transaction.atomic():
        for day in days:
            Shift.objects.update_or_create(
                day=day, department=desk.department, defaults={"officer": given["officer"]}
            )
    messages.success(request, _("已排 %(count)d 个工作日。") % {"count": len(days)})
    return _back(desk, given["first"])


@require_POST
def add_absence(request: HttpRequest, department: int) -> HttpResponse:
    """Write down who is away, and who stands in."""
    desk = act(request, department, *KEEPERS)
    form = AbsenceForm(request.POST, officers=_officers(desk), auto_id="away-%s")
    if form.is_valid():
        given = form.cleaned_data
        absence = Absence(
            officer=given["officer"],
            days=(given["first"], given["last"] + ONE_DAY),
            substitute=given["substitute"],
            reason=given["reason"],
        )
        try:
            absence.full_clean()
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            absence.save()
            messages.success(request, _("已登记外出与代办。"))
            return _back(desk, given["first"])
    return _shown(request, desk, away=form, status=422)


@require_POST
def remove(request: HttpRequest, department: int, kind: str, pk: int) -> HttpResponse:
    """Take a line of the department's roster out."""
    desk = act(request, department, *KEEPERS)
    row: Any
    if kind == "shift":
        row = get_object_or_404(Shift, pk=pk, department=desk.department)
        day = row.day
    elif kind == "absence":
        row = get_object_or_404(Absence, pk=pk, officer__department=desk.department)
        day = row.days.lower
    else:
        raise Http404
    row.delete()
    messages.success(request, _("已删除。"))
    return _back(desk, day)


def _officers(desk: Desk) -> Any:
    serving: Any = Officer.objects.serving(timezone.localdate())
    return serving.filter(department=desk.department).order_by("-rank", "pk")


def _month(text: str) -> dt.date:
    """The first day of the month that the text names; of this one for whatever names none."""
    try:
        month = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        month = dt.date.min
    return month if month.year in YEARS else timezone.localdate().replace(day=1)


def _days(desk: Desk, first: dt.date, last: dt.date) -> list[Day]:
    rows = Shift.objects.filter(department=desk.department, day__range=(first, last))
    shifts = {shift.day: shift for shift in rows.select_related("officer")}
    rota = Rota([shift.officer for shift in shifts.values()], first, last)
    works = Calendar.load().is_workday
    days = (first + number * ONE_DAY for number in range((last - first).days + 1))
    found = ((day, shifts.get(day)) for day in days)
    return [
        Day(day, works(day), shift, rota.present(shift.officer, day) if shift else None)
        for day, shift in found
    ]


def _shown(
    request: HttpRequest,
    desk: Desk,
    *,
    shift: SpanForm | None = None,
    away: AbsenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    first = _month(request.GET.get("month", ""))
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    officers = _officers(desk)
    absences = Absence.objects.filter(
        officer__department=desk.department, days__overlap=(first, last + ONE_DAY)
    )
    context = {
        "department": desk.department,
        "days": _days(desk, first, last),
        "today": timezone.localdate(),
        "first": first,
        "before": (first - ONE_DAY).strftime("%Y-%m"),
        "after": (last + ONE_DAY).strftime("%Y-%m"),
        "absences": [
            (absence, _last(absence))
            for absence in absences.select_related("officer", "substitute").order_by("days", "pk")
        ],
        "keeps": holds(desk, *KEEPERS),
        "shift_form": shift or SpanForm(officers=officers, auto_id="shift-%s"),
        "away_form": away or AbsenceForm(officers=officers, auto_id="away-%s"),
    }
    return render(request, "appeals/desk/roster.html", context, status=status)


def _back(desk: Desk, day: dt.date) -> HttpResponse:
    answer = redirect("desk_roster", desk.department.pk)
    answer["Location"] += f"?month={day:%Y-%m}"
    return answer


def _last(absence: Absence) -> dt.date:
    """The last day of it; the range ends before its upper bound."""
    upper: dt.date = absence.days.upper  # type: ignore[assignment]
    return upper - ONE_DAY
