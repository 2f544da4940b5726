"""What a bank writes to a pool."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.acting import BankActor
from finance.fields import MoneyField
from finance.models import LoanApplication, RiskPool


class AdmitForm(forms.Form):
    """Which loan for which pool."""

    loan = forms.ModelChoiceField(
        LoanApplication.objects.none(),
        label=_("贷款"),
        empty_label=_("请选择"),
        help_text=_("已批准、尚未放款、还没有入池的贷款。"),
    )
    pool = forms.ModelChoiceField(RiskPool.objects.none(), label=_("资金池"), empty_label=_("请选择"))

    def __init__(self, *args: Any, actor: BankActor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        waiting = LoanApplication.objects.visible_to(actor).filter(
            state__in=("approved", "signed"), admission=None
        )
        fields["loan"].queryset = waiting.select_related("enterprise").order_by("-approved_at")
        fields["loan"].label_from_instance = lambda one: f"{one.number} {one.enterprise.name}"
        fields["pool"].queryset = RiskPool.objects.for_bank(actor.bank).exclude(state="closed")


class ClaimForm(forms.Form):
    """What was lost, how, and the documents."""

    loss = MoneyField(label=_("本金损失"), help_text=_("未归还的本金，不含利息；不写单位按元。"))
    words = forms.CharField(
        label=_("逾期经过和催收情况"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    contract = forms.FileField(
        label=_("借款合同"), help_text=_("PDF、OFD、Word、Excel 或图片，每个文件不超过 20 MB。")
    )
    collecting = forms.FileField(
        label=_("催收记录"), help_text=_("催收函、上门催收或电话催收的记录，须有日期。")
    )
    other = forms.FileField(label=_("判决或其他证明"), required=False)

    def documents(self) -> list[Any]:
        """The files that were brought."""
        given = (self.cleaned_data.get(name) for name in ("contract", "collecting", "other"))
        return [file for file in given if file]
