"""The baskets of a bank's inbox, and what narrows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.finding import named
from enterprises.models import Enterprise
from finance.acting import BankActor
from finance.models import LoanApplication
from finance.models.loan import LoanQuerySet
from finance.models.loan_states import LoanMark, LoanMode, LoanState

S = LoanState
NUMBER: Final = re.compile(r"DK-?[\d-]*", re.IGNORECASE)


@dataclass(frozen=True)
class Basket:
    """A kind of applications; `urgent` ones are ordered by what is due, others by age."""

    key: str
    label: Any
    states: tuple[str, ...]
    empty: Any
    urgent: bool = True
    state: str = ""


BASKETS: Final = (
    Basket("new", _("待受理"), (S.SUBMITTED,), _("申请都受理了，去大厅看看新的需求。"), state="due"),
    Basket("accepted", _("已受理"), (S.ACCEPTED,), _("没有等着开始尽调的申请。")),
    Basket("examined", _("尽职调查"), (S.DUE_DILIGENCE,), _("没有正在尽调的申请。")),
    Basket("approved", _("待签约"), (S.APPROVED,), _("没有等着签约的申请。")),
    Basket("signed", _("待放款"), (S.SIGNED,), _("没有等着放款的贷款。")),
    Basket("running", _("存续贷款"), (S.DRAWN, S.REPAYING), _("没有存续的贷款。")),
    Basket("overdue", _("逾期"), (S.OVERDUE,), _("没有逾期的贷款。"), state="late"),
    Basket(
        "ended",
        _("已结束"),
        (S.DECLINED, S.LAPSED, S.REFUSED, S.EXPIRED, S.REPAID, S.WRITTEN_OFF, S.WITHDRAWN),
        _("还没有结束的申请。"),
        urgent=False,
    ),
)
BY_KEY: Final = {basket.key: basket for basket in BASKETS}


def counts(by: BankActor) -> dict[str, int]:
    """How many are in each basket: one query."""
    rows = LoanApplication.objects.visible_to(by).order_by()
    wanted = {basket.key: Count("pk", filter=Q(state__in=basket.states)) for basket in BASKETS}
    late = Count("pk", filter=Q(due_at__lte=timezone.now(), state__in=HURRYING))
    return rows.aggregate(**wanted, late=late)


HURRYING: Final = (S.SUBMITTED, S.ACCEPTED, S.DUE_DILIGENCE, S.SIGNED, S.OVERDUE)
"""States in which the bank is the one to act."""


def ordered(rows: LoanQuerySet, basket: Basket) -> Any:
    """Urgent first, what waits for nothing last; or by age."""
    return rows.order_by(F("due_at").asc(nulls_last=True), "pk") if basket.urgent else rows.order_by("-pk")


class LoanFilter(django_filters.FilterSet):
    """What is chosen above the list. Words are looked for in every basket."""

    q = django_filters.CharFilter(
        label=_("搜编号、企业、信用代码、本行贷款编号"),
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 80, "autocomplete": "off"}),
    )
    mode = django_filters.ChoiceFilter(label=_("来源"), choices=LoanMode.choices, empty_label=_("全部来源"))
    mark = django_filters.ChoiceFilter(label=_("类别"), choices=LoanMark.choices, empty_label=_("全部类别"))
    product = django_filters.ChoiceFilter(
        label=_("产品"), empty_label=_("全部产品"), field_name="product_version__product"
    )

    class Meta:
        model = LoanApplication
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, rows: Any, by: BankActor) -> None:
        super().__init__(data, rows)
        products = by.bank.products.select_related("rule").order_by("code")
        self.filters["product"].extra["choices"] = lambda: [(each.pk, each.name) for each in products]

    def search(self, rows: Any, name: str, words: str) -> Any:
        """By number, by the bank's own, by name or credit code of the enterprise."""
        words = words.strip()[:80]
        if not words:
            return rows
        if NUMBER.fullmatch(words):
            return rows.filter(number__startswith=words.upper())
        firms = Enterprise.objects.filter(named(words)).values("pk")
        return rows.filter(Q(enterprise__in=firms) | Q(bank_number__icontains=words))

    @property
    def words(self) -> str:
        """What is looked for; empty without any."""
        return str(self.form.cleaned_data.get("q") or "").strip() if self.form.is_valid() else ""
