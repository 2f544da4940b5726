"""Forms of the admin: a version of a product with its conditions, errors in plain words beside the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from enterprises.services import load_catalogue
from finance.admin.fields import PersonField, RateField
from finance.models import Bank, BankOfficer, CreditProduct, ProductVersion
from finance.models.vocabulary import LoanPurpose, Repayment, Security
from finance.products.writing import TEXT_FIELDS, Content
from matching.fields import DataField
from matching.parse import RuleErrors, parse_rule
from portal.kernel.admin_fields import FenField, WordsField
from portal.kernel.forms import WholeRowForm

_CONDITIONS_HELP = _(
    "能由系统核对的准入条件；没有的留空。都要满足写 all，满足一条就行写 any，要人工核实写 review。如："
    '{"all": [{"fact": "tax_credit_grade", "op": "in", "value": ["A", "B"]},'
    ' {"fact": "age_months", "op": ">=", "value": "24"}]}'
)


def several(label: Any, choices: Any) -> forms.MultipleChoiceField:
    """Any number of the choices, in one box."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=UnfoldAdminSelect2MultipleWidget
    )


class ProductVersionForm(forms.ModelForm):
    """A draft: what it says, and its conditions. `revision` tells whether somebody changed it meanwhile."""

    purposes = several(_("用途"), LoanPurpose.choices)
    securities = several(_("担保方式"), Security.choices)
    repayments = several(_("还款方式"), Repayment.choices)
    amount_min_fen = FenField(unit="万元", label=_("最低金额"), required=False, help_text=_("如 10 万元"))
    amount_max_fen = FenField(unit="万元", label=_("最高金额"), required=False, help_text=_("如 300 万元"))
    rate_low = RateField(label=_("最低年利率（%）"), required=False, help_text=_("如 3.45"))
    rate_high = RateField(label=_("最高年利率（%）"), required=False, help_text=_("如 4.35"))
    targets = WordsField(label=_("适合谁"), required=False, help_text=_("几个词用顿号隔开。"))
    materials = WordsField(label=_("材料"), required=False, help_text=_("几项用顿号隔开。"))
    conditions = DataField(rows=12, label=_("准入条件"), required=False, help_text=_CONDITIONS_HELP)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ProductVersion
        fields = list(TEXT_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = self.instance
        if version.pk:
            self.initial["seen"] = version.revision
            self.initial["conditions"] = version.rule_version and version.rule_version.conditions

    def clean_conditions(self) -> Any:
        """The conditions, read as a rule."""
        conditions = self.cleaned_data["conditions"]
        if conditions is None:
            return None
        if not isinstance(conditions, dict):
            raise ValidationError(_('准入条件应为一个对象，如 {"all": […]}。'))
        try:
            parse_rule(conditions, catalogue=load_catalogue())
        except RuleErrors as error:
            raise ValidationError([f"{one.path or '/'}：{one.message}" for one in error.errors]) from error
        return conditions

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        version = self.instance
        if version.pk and cleaned.get("seen") != version.revision:
            raise ValidationError(
                _("您打开表单之后，%(who)s 改过这一版。请另开页面看过最新内容再改；您填的没有保存。"),
                code="changed_meanwhile",
                params={"who": version.edited_by},
            )
        return cleaned

    def content(self) -> Content:
        """What the valid form says."""
        text = {name: self.cleaned_data[name] for name in TEXT_FIELDS}
        return Content(text, self.cleaned_data["conditions"])


class NewProductForm(ProductVersionForm):
    """The first draft of a new product of a bank."""

    code = forms.CharField(
        label=_("产品编码"),
        widget=TextInput,
        validators=CreditProduct._meta.get_field("code").validators,
        help_text=_("大写字母、数字和连字符，定后不改。"),
    )
    bank = forms.ModelChoiceField(Bank.objects.all(), label=_("银行"), widget=UnfoldAdminSelectWidget)
    first_here = forms.BooleanField(label=_("全县首款"), required=False, widget=UnfoldBooleanWidget)

    def clean_code(self) -> str:
        """Raises ValidationError when it is taken."""
        code: str = self.cleaned_data["code"]
        if CreditProduct.objects.filter(code=code).exists():
            raise ValidationError(_("产品编码已被使用，请换一个。"))
        return code


class OfficerForm(WholeRowForm):
    """Somebody at a bank, found by what they sign in with."""

    user = PersonField(label=_("用户"), help_text=_("登录用的用户名、手机号或邮箱。"))

    class Meta:
        model = BankOfficer
        fields = ["user", "bank", "branch", "role", "since", "until"]


class ReasonForm(forms.Form):
    """Why: for returning and withdrawing."""

    reason = forms.CharField(
        label=_("原因"), max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )


class CommentForm(forms.Form):
    """A word to the next person, if any."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class SeenForm(CommentForm):
    """A word to the next person, and the digest of what the person looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
