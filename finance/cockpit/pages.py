"""The page of figures: cards, the trend by month, and each bank's part."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.measures import asked, mean_days, mean_rate, measures, monthly, percent
from finance.models import Bank, ProductVersion
from finance.office import act_at_office, frame


@dataclass(frozen=True, slots=True)
class Card:
    """A figure with its unit and what it is made of; `fen` instead of `words` where it is money."""

    label: str
    words: Any = None
    unit: str = ""
    of: str = ""
    fen: int | None = None


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """All that the portal's records say of lending until today."""
    desk = act_at_office(request, department)
    today = timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    total = asked().aggregate(**measures(tomorrow))
    months, banks = monthly(today), list(Bank.objects.live())
    context = frame(
        desk,
        "desk_finance",
        today=today,
        cards=_cards(total, len(banks)),
        months=months,
        most=max(fen for _month, fen, _count in months),
        banks=_lines(banks, tomorrow),
    )
    return render(request, "finance/cockpit/page.html", context)


def _cards(total: dict[str, Any], banks: int) -> list[Card]:
    """Figures in the order in which they are read; a share of nothing is “—”."""
    offered = ProductVersion.objects.offered().aggregate(
        products=Count("pk"), banks=Count("product__bank", distinct=True)
    )
    parts = {name: value for name, value in total.items() if isinstance(value, int)}
    return [
        Card(_("上线银行"), banks, _("家"), _("其中 %(banks)d 家有在售产品") % offered),
        Card(_("在售产品"), offered["products"], _("个")),
        Card(_("服务企业"), total["firms"], _("家"), _("申请 %(asked)d 笔，放款 %(lent)d 笔") % parts),
        Card(_("累计放款"), fen=total["lent_fen"]),
        Card(
            _("首贷率"),
            *_share(total["first"], total["lent"]),
            _("放款 %(lent)d 笔中首贷 %(first)d 笔") % parts,
        ),
        Card(
            _("批准率"),
            *_share(total["approved"], total["decided"]),
            _("有结论 %(decided)d 笔中批准 %(approved)d 笔") % parts,
        ),
        Card(_("平均到款"), *_or_dash(mean_days(total), _("天")), _("从提交申请到首次放款，自然日")),
        Card(_("平均年利率"), *_or_dash(mean_rate(total), "%"), _("按放款金额加权")),
        Card(
            _("不良率"),
            *_share(total["bad_fen"], total["owed_fen"]),
            _("逾期和核销 %(bad)d 笔的未还本金占全部未还本金") % parts,
        ),
        Card(_("不良余额"), fen=total["bad_fen"]),
    ]


def _share(part: int, whole: int) -> tuple[Any, str]:
    return _or_dash(percent(part, whole), "%")


def _or_dash(figure: Any, unit: str) -> tuple[Any, str]:
    return ("—", "") if figure is None else (figure, unit)


def _lines(banks: list[Bank], before: dt.date) -> list[dict[str, Any]]:
    """What each bank lent, the most first, of those that were asked for something: one query."""
    rows: Any = asked().exclude(bank=None).values("bank").annotate(**measures(before))
    found: dict[int, dict[str, Any]] = {row["bank"]: row for row in rows}
    lines = [
        {
            "bank": bank,
            "asked": row["asked"],
            "lent": row["lent"],
            "fen": row["lent_fen"],
            "approval": percent(row["approved"], row["decided"]),
            "days": mean_days(row),
            "rate": mean_rate(row),
        }
        for bank in banks
        if (row := found.get(bank.pk))
    ]
    return sorted(lines, key=lambda line: -line["fen"])
