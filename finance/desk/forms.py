"""What a bank's people write on an application."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.fields import MoneyField, RateField
from finance.lending.deciding import renewable
from finance.models import LoanApplication, LoanListKind, ProductVersion
from finance.models.product import MOST_MONTHS
from finance.models.vocabulary import Repayment


class TakeForm(forms.Form):
    """Which of the hall."""

    loan = forms.CharField(max_length=20)


def day_field(label: Any) -> forms.DateField:
    """A day, today where nothing is chosen."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, initial=timezone.localdate)


class BlankForm(forms.Form):
    """Nothing to be written: the button says it. Every form is of an application."""

    def __init__(self, *args: Any, loan: LoanApplication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loan = loan


class SureForm(BlankForm):
    """Something that is asked back where it is unusual: `sure` comes with the refusal, lest it be habit."""

    sure_label: Any = _("金额很小，单位已核对无误")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["sure"] = forms.BooleanField(label=self.sure_label, required=False)


class ReasonForm(BlankForm):
    """A reason that the enterprise reads."""

    text = forms.CharField(
        label=_("原因（企业会看到）"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class MaybeReasonForm(BlankForm):
    """A reason, if there is something to be said."""

    text = forms.CharField(
        label=_("说明（企业会看到）"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MissForm(SureForm, MaybeReasonForm):
    """A loan is overdue; against its plan only with a reason."""

    sure_label = _("按计划没有到期未还的款项，但确实逾期，已核对无误")


class NoteForm(BlankForm):
    """A note of the due diligence, with a file or without."""

    text = forms.CharField(
        label=_("情况（只有本行看到）"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ApproveForm(SureForm):
    """How much, at what rate, for how long, paid back how; of what was grabbed, under which product."""

    amount = MoneyField(label=_("批准金额"), unit="万元", help_text=_("不写单位按万元"))
    rate = RateField(label=_("年利率（%）"), help_text=_("如 4.35"))
    months = forms.IntegerField(label=_("期限（月）"), min_value=1, max_value=MOST_MONTHS)
    method = forms.ChoiceField(label=_("还款方式"), choices=[("", _("请选择")), *Repayment.choices])
    product = forms.ModelChoiceField(
        label=_("按哪款产品"),
        queryset=ProductVersion.objects.none(),
        required=False,
        empty_label=_("不按产品"),
    )
    sure_label = _("利率或期限与产品、申请不同，已核对无误")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].initial = self.loan.term_months
        version = self.loan.product_version
        self.fields["method"].initial = next(iter(version.repayments if version else []), None)
        self.fields["amount"].initial = f"{Decimal(self.loan.amount_fen) / 1_000_000:f}"
        if self.loan.product_version_id is None:
            offered = ProductVersion.objects.offered().filter(product__bank=self.loan.bank_id)
            self.fields["product"].queryset = offered.order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["product"]


class SignForm(BlankForm):
    """The bank's own number and the day; the loan that it renews, where it does."""

    number = forms.CharField(label=_("本行贷款编号"), max_length=40)
    on = day_field(_("签约日"))
    renews = forms.ModelChoiceField(
        label=_("续的是哪笔"),
        queryset=LoanApplication.objects.none(),
        required=False,
        empty_label=_("不是续贷"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = renewable(self.loan)
        if earlier:
            rows = LoanApplication.objects.filter(pk__in=[one.pk for one in earlier])
            self.fields["renews"].queryset = rows  # type: ignore[attr-defined]
        else:
            del self.fields["renews"]


class ReverseForm(forms.Form):
    """Why a row counts no more."""

    reason = forms.CharField(
        label=_("原因（企业会看到）"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class DrawForm(SureForm):
    """Money that went out."""

    serial = forms.CharField(label=_("放款流水号"), max_length=40)
    amount = MoneyField(label=_("放款金额"), help_text=_("不写单位按元"))
    on = day_field(_("放款日期"))


class RepayForm(SureForm):
    """Money that came back."""

    serial = forms.CharField(label=_("还款流水号"), max_length=40)
    principal = MoneyField(label=_("归还本金"), required=False, help_text=_("不写单位按元"))
    interest = MoneyField(label=_("支付利息"), required=False, help_text=_("不写单位按元"))
    on = day_field(_("还款日期"))


class ListForm(forms.Form):
    """A list that is brought."""

    kind = forms.ChoiceField(label=_("清单"), choices=LoanListKind.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("Excel 文件（.xlsx）"),
        allow_empty_file=True,  # the validator says it in better words
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
