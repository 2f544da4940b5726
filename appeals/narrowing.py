"""By period, category and town: how supervision and statistics narrow what they count."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, F, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.models import Category
from enterprises.models import Region
from portal.kernel.spans import end_of_day, start_of_day

TOWN_DIGITS: Final = 9
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
DAYS: Final = [MinValueValidator(FIRST), MaxValueValidator(LAST)]


def town_of(prefix: str = "") -> Left:
    """The code of an appeal's town: where it happens, else where its enterprise is."""
    place = NullIf(F(f"{prefix}region"), Value(""), output_field=CharField())
    return Left(Coalesce(place, F(f"{prefix}enterprise__region")), TOWN_DIGITS)


def towns() -> list[tuple[str, str]]:
    """The county's towns, code and name; one query."""
    rows = Region.objects.filter(parent=settings.COUNTY_CODE).order_by("code")
    return list(rows.values_list("code", "name"))


class Day(forms.DateField):
    """A day that can be meant."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, validators=DAYS, **kwargs)


class Narrowing(forms.Form):
    """Which appeals are counted. Twelve months when no day is given; what cannot be meant narrows nothing."""

    since = Day(label=_("提交日期自"))
    until = Day(label=_("至"))
    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "pk"),
        label=_("类别"),
        required=False,
        empty_label=_("全部类别"),
    )
    town = forms.ChoiceField(label=_("镇街"), required=False)

    def __init__(self, data: QueryDict, *, prefix_of_appeal: str = "") -> None:
        given = data.copy()
        if "since" not in given and "until" not in given:
            given["since"], given["until"] = (each.isoformat() for each in last_twelve_months())
        super().__init__(given, auto_id="by-%s")
        self.appeal = prefix_of_appeal
        self.towns = towns()
        self.fields["town"].choices = [("", _("全部镇街")), *self.towns]  # type: ignore[attr-defined]
        self.is_valid()

    def clean(self) -> None:
        """Days the wrong way round narrow nothing, and are said to."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期早于开始日期，没有按日期筛选。"))
            self.cleaned_data["since"] = None

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None]:
        """From which day to which; None is no bound."""
        return self.cleaned_data.get("since"), self.cleaned_data.get("until")

    def apply(self, rows: Any) -> Any:
        """The rows that belong to appeals handed in within the period, of the category and the town."""
        since, until = self.days
        if since:
            rows = rows.filter(**{f"{self.appeal}submitted_at__gte": start_of_day(since)})
        if until:
            rows = rows.filter(**{f"{self.appeal}submitted_at__lt": end_of_day(until)})
        if category := self.cleaned_data.get("category"):
            rows = rows.filter(**{f"{self.appeal}category": category})
        if town := self.cleaned_data.get("town"):
            rows = rows.alias(town=town_of(self.appeal)).filter(town=town)
        return rows

    @property
    def period(self) -> str:
        """The period in words."""
        since, until = self.days
        if since and until:
            return str(_("%(since)s 至 %(until)s 提交的诉求") % {"since": since, "until": until})
        if since:
            return str(_("%(since)s 以来提交的诉求") % {"since": since})
        if until:
            return str(_("截至 %(until)s 提交的诉求") % {"until": until})
        return str(_("全部诉求"))

    @property
    def presets(self) -> list[dict[str, str]]:
        """Periods that are often wanted, as dates of the form."""
        today = timezone.localdate()
        month = today.replace(day=1)
        last_month = (month - dt.timedelta(days=1)).replace(day=1)
        spans = (
            (_("本月"), month, today),
            (_("上月"), last_month, month - dt.timedelta(days=1)),
            (_("今年"), today.replace(month=1, day=1), today),
            (_("近 12 个月"), *last_twelve_months()),
        )
        return [
            {"label": str(label), "since": since.isoformat(), "until": until.isoformat()}
            for label, since, until in spans
        ]


def last_twelve_months() -> tuple[dt.date, dt.date]:
    """From the day after this one a year ago until today."""
    today = timezone.localdate()
    return today - dt.timedelta(days=364), today
