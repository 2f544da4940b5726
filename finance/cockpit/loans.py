"""What was lent, loan by loan: what the figures of the office are made of, and no more of a firm than that.

Who asked and got nothing is counted by the office and not named to it; so are the facts of firms, which need
their consent. A row says the enterprise's name, the bank, the amounts, the state and the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises.finding import named
from enterprises.models import Enterprise
from finance.cockpit import periods
from finance.desk.baskets import NUMBER
from finance.lending.lists.giving import MOST
from finance.measures import BAD, Span
from finance.models import Bank, Drawdown, LoanApplication, LoanMark, RiskPool
from finance.models.loan_states import LENT
from finance.office import act_at_office, frame
from portal.accounts.desks import Desk
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import KINDS, Cell, Table, handed_out

PAGE_SIZE: Final = 20
ONLY_BAD: Final = "bad"
STATES: Final = (
    (ONLY_BAD, gettext_lazy("不良（逾期和核销）")),
    *((one.value, one.label) for one in LENT),
)


class LentFilter(django_filters.FilterSet):
    """What is chosen above the list. A loan is of a period if money of it went out in it."""

    q = django_filters.CharFilter(
        label=gettext_lazy("搜编号、企业"),
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 80, "autocomplete": "off"}),
    )
    period = django_filters.ChoiceFilter(
        label=gettext_lazy("放款时间"),
        choices=periods.choices,
        empty_label=gettext_lazy("全部"),
        method="within",
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=STATES, empty_label=gettext_lazy("全部状态"), method="standing"
    )
    bank = django_filters.ModelChoiceFilter(
        label=gettext_lazy("银行"), queryset=Bank.objects.all(), empty_label=gettext_lazy("全部银行")
    )
    pool = django_filters.ModelChoiceFilter(
        label=gettext_lazy("资金池"),
        queryset=RiskPool.objects.all(),
        field_name="admission__pool",
        empty_label=gettext_lazy("不限"),
    )
    mark = django_filters.ChoiceFilter(
        label=gettext_lazy("类别"), choices=LoanMark.choices, empty_label=gettext_lazy("全部类别")
    )

    class Meta:
        model = LoanApplication
        fields: tuple[str, ...] = ()

    def search(self, rows: Any, name: str, words: str) -> Any:
        """By number, or by name or credit code of the enterprise."""
        words = words.strip()[:80]
        if NUMBER.fullmatch(words):
            return rows.filter(number__startswith=words.upper())
        return rows.filter(enterprise__in=Enterprise.objects.filter(named(words)).values("pk"))

    def within(self, rows: Any, name: str, key: str) -> Any:
        """Those with money that went out in the period."""
        return rows.filter(lent_fen__gt=0)

    def standing(self, rows: Any, name: str, state: str) -> Any:
        """Those in a state, or those that are bad."""
        return rows.filter(state__in=BAD if state == ONLY_BAD else [state])


def lent(span: Span) -> QuerySet[Any]:
    """Loans of which money went out, with what of it went out within the span (`lent_fen`)."""
    drawn = Drawdown.objects.standing().filter(loan=OuterRef("pk"), on__lt=span.before).order_by()
    drawn = drawn if span.since is None else drawn.filter(on__gte=span.since)
    total = Subquery(drawn.values("loan").annotate(fen=Sum("amount_fen")).values("fen"))
    rows = LoanApplication.objects.lent().select_related("enterprise", "bank", "admission__pool")
    return rows.annotate(
        lent_fen=Coalesce(total, 0, output_field=BigIntegerField()),
        still_owed_fen=F("drawn_fen") - F("repaid_fen"),
    ).order_by("-drawn_on", "-pk")


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Twenty of those that are chosen, the latest first, with the sums of all of them."""
    desk = act_at_office(request, department)
    span, narrowed = _chosen(request)
    begun = Q() if span.since is None else Q(drawn_on__gte=span.since)
    sums = narrowed.qs.order_by().aggregate(
        count=Count("pk"),
        begun=Count("pk", filter=begun & Q(drawn_on__lt=span.before)),
        lent=Coalesce(Sum("lent_fen"), 0, output_field=BigIntegerField()),
        owed=Coalesce(Sum("still_owed_fen"), 0, output_field=BigIntegerField()),
    )
    rows = Paginator(narrowed.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = frame(desk, "desk_loans", form=narrowed.form, sums=sums, page=rows, kinds=tuple(KINDS))
    return render(request, "finance/cockpit/loans.html", context)


@require_safe
def export(request: HttpRequest, department: int, kind: str) -> HttpResponse:
    """What the page lists, as CSV or XLSX."""
    desk = act_at_office(request, department)
    if kind not in KINDS:
        raise Http404
    _span, narrowed = _chosen(request)
    return handed_out(_table(narrowed.qs[:MOST], desk), kind, f"loans-{timezone.localdate()}")


def _chosen(request: HttpRequest) -> tuple[Span, LentFilter]:
    span = periods.span_of(request.GET.get("period", ""))
    return span, LentFilter(request.GET, lent(span))


def _table(loans: QuerySet[Any], desk: Desk) -> Table:
    head = [_("编号"), _("企业"), _("银行"), _("状态"), _("类别"), _("首次放款日"), _("资金池")]
    sums = [_("期间放款（元）"), _("未还本金（元）")]
    said = {
        "office": desk.department.name,
        "who": desk.user.name,
        "at": f"{timezone.localtime():%Y-%m-%d %H:%M}",
    }
    notes = [_("%(office)s · %(who)s · %(at)s 导出") % said]
    return Table(_("贷款"), [*head, *sums], _lines(loans), notes)


def _lines(loans: QuerySet[Any]) -> Iterator[list[Cell]]:
    for one in loans:
        admission = getattr(one, "admission", None)
        yield [
            one.number,
            one.enterprise.name,
            one.bank.short,
            one.get_state_display(),
            one.get_mark_display(),
            one.drawn_on,
            admission.pool.name if admission else "",
            yuan(one.lent_fen),
            yuan(one.still_owed_fen),
        ]
