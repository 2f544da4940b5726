"""What an enterprise fills in to apply."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enterprises.consents.forms import RevokeForm
from finance.fields import MOST_LENT, MoneyField
from finance.models import Branch, ProductVersion
from finance.models.vocabulary import LoanPurpose
from finance.portal.recommending import Need
from finance.products.costing import Wish
from finance.products.forms import AmountField, MonthsField
from portal.accounts.identifiers import check_phone


class LoanForm(forms.Form):
    """How much, for how long, for what, and whom to call. `version` is the product as it was shown,
    empty for an application to all banks: it is kept as it was sent, whatever is on offer by then.

    `key` makes a form that is sent twice one application.
    """

    amount = MoneyField(
        label=_("想贷多少"), unit="万元", most=MOST_LENT, help_text=_("不写单位按万元，如 80")
    )
    months = MonthsField(label=_("用多久（月）"))
    purpose = forms.ChoiceField(label=_("用来做什么"), choices=LoanPurpose.choices)
    note = forms.CharField(
        label=_("用途说明（可不填）"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只有接单的银行能看到"),
    )
    branch = forms.ModelChoiceField(
        label=_("就近网点"), queryset=Branch.objects.none(), required=False, empty_label=_("由银行安排")
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=50)
    contact_phone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        validators=[check_phone],
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        """Fen. Raises ValidationError for nothing."""
        fen: int = self.cleaned_data["amount"]
        if fen <= 0:
            raise ValidationError(_("金额须大于零。"), code="amount")
        return fen

    def __init__(self, *args: Any, offered: ProductVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branches = Branch.objects.filter(bank=offered.product.bank_id) if offered else Branch.objects.none()
        if branches.exists():
            self.fields["branch"].queryset = branches.order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["branch"]
        if offered is not None and offered.purposes:
            first = [choice for choice in LoanPurpose.choices if choice[0] in offered.purposes]
            rest = [choice for choice in LoanPurpose.choices if choice[0] not in offered.purposes]
            self.fields["purpose"].choices = [*first, *rest]  # type: ignore[attr-defined]


class NeedForm(forms.Form):
    """What is needed, asked before anything is recommended."""

    amount = AmountField(label=_("想贷多少（万元）"))
    months = MonthsField(label=_("用多久（月）"))
    purpose = forms.ChoiceField(label=_("用来做什么"), choices=[("", _("请选择")), *LoanPurpose.choices])
    order = forms.ChoiceField(
        label=_("最看重什么"),
        choices=[("", _("请选择")), ("rate", _("利息少")), ("amount", _("额度高")), ("speed", _("答复快"))],
    )

    def need(self) -> Need:
        """Of a valid form."""
        given = self.cleaned_data
        return Need(Wish(given["amount"], given["months"]), given["purpose"], given["order"])


class WithdrawForm(forms.Form):
    """Why it is taken back, if one likes to say."""

    reason = forms.CharField(label=_("原因（可不填，银行能看到）"), max_length=200, required=False)


class LetGoForm(RevokeForm):
    """The end of a consent; with it of the application, where that may still be taken back."""

    withdraw = forms.BooleanField(label=_("不贷了，同时撤回这笔申请"), required=False)

    def __init__(self, *args: Any, underway: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not underway:
            del self.fields["withdraw"]
