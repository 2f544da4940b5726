"""The page of figures: cards, the trend by month, and each bank's part."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from finance.cockpit import periods
from finance.cockpit.loans import ONLY_BAD
from finance.measures import Lending, bad_rate, by_bank, lendings, measured, monthly, percent
from finance.models import Bank, LoanMark, ProductVersion
from finance.office import act_at_office, frame


@dataclass(frozen=True, slots=True)
class Card:
    """A figure with its unit and what it is made of; `fen` instead of `words` where it is money."""

    label: str
    words: Any = None
    unit: str = ""
    of: str = ""
    fen: int | None = None
    only: str | None = None
    """The query that lists the loans it counts; None where it counts none."""


class PeriodForm(forms.Form):
    """Which time the figures are of."""

    period = forms.ChoiceField(
        label=gettext_lazy("统计时间"), choices=lambda: [("", _("全部")), *periods.choices()], required=False
    )


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """What the portal's records say of lending, until today or of a period."""
    desk = act_at_office(request, department)
    today, chosen = timezone.localdate(), PeriodForm(request.GET)
    period = chosen.cleaned_data["period"] if chosen.is_valid() else ""
    span = periods.span_of(period)
    loans = lendings(span)
    months, banks = monthly(today), list(Bank.objects.all())
    context = frame(
        desk,
        "desk_finance",
        until=span.before - dt.timedelta(days=1),
        chosen=chosen,
        period=period,
        cards=_cards(measured(loans), sum(bank.live for bank in banks), period),
        months=months,
        most=max(fen for _month, fen, _count in months),
        banks=_lines(banks, loans),
    )
    return render(request, "finance/cockpit/page.html", context)


def _cards(total: dict[str, Any], banks: int, period: str) -> list[Card]:
    """Figures in the order in which they are read; a share of nothing is “—”."""
    offered = ProductVersion.objects.offered().aggregate(
        products=Count("pk"), banks=Count("product__bank", distinct=True)
    )
    here = f"period={period}"
    only_bad = None if periods.is_over(period) else f"state={ONLY_BAD}"
    parts = {name: value for name, value in total.items() if isinstance(value, int)}
    return [
        Card(_("上线银行"), banks, _("家"), _("其中 %(banks)d 家有在售产品") % offered),
        Card(_("在售产品"), offered["products"], _("个")),
        Card(
            _("服务企业"),
            total["firms"],
            _("家"),
            _("申请 %(asked)d 笔，放款 %(lent)d 笔") % parts,
            only=here,
        ),
        Card(_("期间放款") if period else _("累计放款"), fen=total["lent_fen"], only=here),
        Card(
            _("首贷率"),
            *_share(total["first"], total["lent"]),
            _("放款 %(lent)d 笔中首贷 %(first)d 笔。首贷：企业在本平台的第一笔放款") % parts,
            only=f"{here}&mark={LoanMark.FIRST}",
        ),
        Card(
            _("批准率"),
            *_share(total["approved"], total["decided"]),
            _("有结论 %(decided)d 笔中批准 %(approved)d 笔") % parts,
        ),
        Card(_("平均到款"), *_or_dash(total["days"], _("天")), _("从提交申请到首次放款，自然日")),
        Card(_("平均年利率"), *_or_dash(total["rate"], "%"), _("按放款金额加权")),
        Card(
            _("不良率"),
            *_or_dash(bad_rate(total), "%"),
            _("逾期和核销 %(bad)d 笔的未还本金占全部未还本金") % parts,
            only=only_bad,
        ),
        Card(_("不良余额"), fen=total["bad_fen"], only=only_bad),
    ]


def _share(part: int, whole: int) -> tuple[Any, str]:
    return _or_dash(percent(part, whole), "%")


def _or_dash(figure: Any, unit: str) -> tuple[Any, str]:
    return ("—", "") if figure is None else (figure, unit)


def _lines(banks: list[Bank], loans: list[Lending]) -> list[dict[str, Any]]:
    """What each bank lent, the most first, of those that were asked for something, whether on the platform
    still or not; last what lies in the hall and is no bank's yet (`bank` None). They add up to the cards."""
    found = {bank: measured(of) for bank, of in by_bank(loans).items()}
    named: list[Bank | None] = [bank for bank in banks if bank.pk in found]
    named.sort(key=lambda bank: -found[bank.pk if bank else None]["lent_fen"])
    if None in found:
        named.append(None)
    return [_line(bank, found[bank.pk if bank else None]) for bank in named]


def _line(bank: Bank | None, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "bank": bank,
        "asked": row["asked"],
        "lent": row["lent"],
        "fen": row["lent_fen"],
        "approval": percent(row["approved"], row["decided"]),
        "days": row["days_here"],
        "rate": row["rate"],
    }
