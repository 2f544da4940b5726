"""What is written at the desk of pools."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.fields import MoneyField
from finance.pools.claiming import LONGEST
from portal.accounts.forms import SigningCodeField


class FundForm(forms.Form):
    """A source, or less of it."""

    name = forms.CharField(label=_("资金来源"), max_length=100)
    amount = MoneyField(
        label=_("金额"),
        unit="万元",
        help_text=_("不写单位按万元；调减写负数。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),  # a phone's keys for decimals have no minus
    )
    note = forms.CharField(label=_("依据"), max_length=300, required=False, help_text=_("调减必填。"))


class ReasonForm(forms.Form):
    """Words that somebody will read."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class CloseForm(forms.Form):
    """Why a pool is closed, and that it is meant: it stays closed."""

    reason = forms.CharField(label=_("依据和理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    sure = forms.BooleanField(
        label=_("我知道关闭后不能再开放"), error_messages={"required": _("关闭后不能再开放，请确认。")}
    )


class PassForm(forms.Form):
    """A step that is agreed to."""

    comment = forms.CharField(
        label=_("意见（可不填）"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PayForm(forms.Form):
    """The voucher of a payment, its day and receipt, and the payer's signature."""

    serial = forms.CharField(
        label=_("拨付凭证号"),
        max_length=LONGEST,
        help_text=_("照回单填写；同一凭证号只能登记一次。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = forms.DateField(label=_("拨付日"), widget=forms.DateInput(attrs={"type": "date"}))
    receipt = forms.FileField(
        label=_("拨付回单（PDF 或图片）"),
        help_text=_("银行看得到这份回单。"),
        allow_empty_file=True,  # the validator says it in better words
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    code = SigningCodeField()


class RecoverForm(forms.Form):
    """What came back."""

    amount = MoneyField(label=_("追回金额"), help_text=_("企业归还的全部金额；系统按比例归还资金池。"))
    serial = forms.CharField(label=_("回款凭证号"), max_length=LONGEST)
    on = forms.DateField(label=_("回款日"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate
