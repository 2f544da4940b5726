"""Forms of the admin: a version with its rule as JSON, errors in plain words beside the field."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from enterprises.services import load_catalogue
from matching.fields import DataField
from matching.models import GoverningDate
from matching.parse import RuleErrors, parse_rule
from policies.drafting import RULE_FIELDS, TEXT_FIELDS, Content
from policies.enums import Level
from policies.example_shift import shifted
from policies.exchange.checking import FARTHEST, too_far
from policies.models import ItemVersion, PolicyDocument, PolicyItem
from policies.schema import validate_examples
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from portal.kernel.admin_fields import FenField, WordsField

CONDITIONS_HELP = _(
    "都要满足写 all，满足一条就行写 any，不得有写 not，要人工核实写 review；指标代码在后台“指标”里查。如："
    '{"all": [{"fact": "region", "op": "within", "value": ["500231"]},'
    ' {"fact": "revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"},'
    ' {"not": {"fact": "serious_dishonest", "op": "=", "value": true}}]}'
)
AMOUNT_HELP = _(
    "定额写 fixed，按比例写 rate，封顶写 cap；没有金额的不填。如："
    '{"cap": {"value": "60", "unit": "万元"},'
    ' "of": {"rate": "5%", "of": {"fact": "rd_expense", "period": "Y-1"}}}'
)
"""Each ends with an example that can be copied."""


class DocumentForm(forms.ModelForm):
    """A draft of a document, its topics in one line."""

    topics = WordsField(
        label=_("主题"), required=False, help_text=_("几个词用顿号隔开，如 技术改造、数字化。")
    )

    class Meta:
        model = PolicyDocument
        fields = ["topics"]


class VersionForm(forms.ModelForm):
    """A draft: what it says, and its rule."""

    topics = WordsField(
        label=_("主题"), required=False, help_text=_("几个词用顿号隔开，如 技术改造、数字化。")
    )
    targets = WordsField(label=_("惠及对象"), required=False, help_text=_("如 中小企业、个体工商户。"))
    budget_fen = FenField(label=_("预算"), required=False, help_text=_("如 300 万元"))
    materials = DataField(label=_("材料"), required=False, help_text=_('如 [{"name": "营业执照"}]。'))
    steps = DataField(label=_("流程"), required=False, help_text=_('如 ["网上申报", "部门审核"]。'))
    contacts = DataField(
        label=_("咨询"), required=False, help_text=_('如 [{"name": "企业科", "phone": "023-74512345"}]。')
    )
    grants = forms.ChoiceField(
        label=_("取得的资质"),
        required=False,
        choices=lambda: [
            ("", "—"),
            *((key, one.label) for key, one in load_catalogue().credential_kinds.items()),
        ],
        widget=UnfoldAdminSelectWidget,
        help_text=_("办成后取得的资质；已持有的企业显示“已取得”，不再提醒。"),
    )
    adapted_from = DataField(label=_("改编自"), required=False)
    conditions = DataField(label=_("申报条件"), rows=16, help_text=CONDITIONS_HELP)
    amount = DataField(label=_("奖补标准"), rows=12, required=False, help_text=AMOUNT_HELP)
    examples = DataField(
        label=_("样例"),
        rows=8,
        required=False,
        help_text=_(
            "符合、待补充、不符合各写一个，如"
            ' [{"name": "收入不够", "facts": {"revenue": {"2025": "1999 万元"}}, "verdict": "ineligible"}]。'
        ),
    )
    valid_from = forms.DateField(label=_("有效期自"), widget=UnfoldAdminDateWidget)
    valid_to = forms.DateField(
        label=_("有效期至"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("最后一天；空表示长期。"),
    )
    reference_year = forms.IntegerField(
        label=_("基准年度"),
        required=False,
        min_value=1900,
        max_value=2199,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    move_examples = forms.BooleanField(
        label=_("基准年度改动时，样例中的年份一起顺延"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text=_("自己改过样例的，以改过的为准。"),
    )
    event_fact = forms.CharField(label=_("事件指标"), required=False, widget=UnfoldAdminTextInputWidget)
    governing_date = forms.ChoiceField(
        label=_("适用日期"),
        choices=GoverningDate.choices,
        initial=GoverningDate.APPLICATION,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = ItemVersion
        fields = list(TEXT_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rule = self.instance.rule_version
            for name in RULE_FIELDS:
                self.fields[name].initial = getattr(rule, name)
            if rule.valid:
                self.fields["valid_from"].initial = rule.valid.lower
                last = rule.valid.upper
                self.fields["valid_to"].initial = last and last - dt.timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("materials", "steps", "contacts", "examples"):
            if cleaned.get(name) is None:
                cleaned[name] = []
        self._check_examples(cleaned)
        if (
            cleaned.get("valid_to")
            and cleaned.get("valid_from")
            and cleaned["valid_to"] < cleaned["valid_from"]
        ):
            self.add_error("valid_to", _("最后一天不能早于第一天。"))
        for name in ("window_from", "window_to", "valid_from", "valid_to"):
            if (cleaned.get(name) or FARTHEST) > FARTHEST:
                self.add_error(name, too_far())
        if isinstance(cleaned.get("conditions"), dict):
            self._check_rule(cleaned)
        elif "conditions" in cleaned:
            self.add_error("conditions", _('申报条件应为一个对象，如 {"all": […]}。'))
        return cleaned

    def _check_examples(self, cleaned: dict[str, Any]) -> None:
        """What is wrong with them; else they go with the reference year, if that moved and they did not."""
        try:
            validate_examples(cleaned["examples"])
        except ValidationError as error:
            self.add_error("examples", error)
            return
        before, now = self.fields["reference_year"].initial, cleaned.get("reference_year")
        if before and now and cleaned.get("move_examples") and "examples" not in self.changed_data:
            cleaned["examples"] = shifted(cleaned["examples"], now - before, load_catalogue())

    def _check_rule(self, cleaned: dict[str, Any]) -> None:
        try:
            parse_rule(
                cleaned["conditions"],
                cleaned.get("amount"),
                catalogue=load_catalogue(),
                reference_year=cleaned.get("reference_year"),
                event_fact=cleaned.get("event_fact") or None,
            )
        except RuleErrors as error:
            for one in error.errors:
                root = one.path.split("/")[1] if one.path else ""
                place = root if root in ("amount", "reference_year", "event_fact") else "conditions"
                self.add_error(place, f"{one.path or '/'}：{one.message}")

    def content(self) -> Content:
        """What the valid form says; its sources are the inline's."""
        cleaned = self.cleaned_data
        last = cleaned["valid_to"]
        valid = DateRange(cleaned["valid_from"], last + dt.timedelta(days=1) if last else None)
        rule = {name: cleaned[name] for name in RULE_FIELDS}
        return Content({name: cleaned[name] for name in TEXT_FIELDS}, {**rule, "valid": valid}, None)


class NewItemForm(VersionForm):
    """The first draft of a new item, by `user`, for a department that they edit."""

    user: User
    code = forms.CharField(
        label=_("事项编码"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("大写字母、数字和连字符，定后不改。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = editable_departments(self.user)
        departments = {
            "department": UnfoldAdminSelectWidget(),
            "co_departments": UnfoldAdminSelect2MultipleWidget(),
        }
        self.fields.update(forms.fields_for_model(PolicyItem, list(departments), widgets=departments))
        cast(forms.ModelChoiceField, self.fields["department"]).queryset = own
        self.initial["level"] = Level.COUNTY
        self.initial["region"] = settings.COUNTY_CODE
        self.initial["valid_from"] = timezone.localdate()
        if len(own) == 1:
            self.initial["department"] = own[0].pk

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        PolicyItem._meta.get_field("code").run_validators(code)
        if PolicyItem.objects.filter(code=code).exists():
            raise ValidationError(_("编码已被使用，请换一个。"))
        return code


def editable_departments(user: User) -> QuerySet[Department]:
    """Departments for which a user writes items: where they are editors, and those below."""
    if user.is_superuser:
        return Department.objects.all()
    own = user.departments_as(Role.EDITOR)
    return Department.objects.filter(Q(pk__in=own) | Q(parent__in=own))


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


class CodeForm(forms.Form):
    """The code of a copied item."""

    code = forms.CharField(
        label=_("新事项编码"),
        widget=UnfoldAdminTextInputWidget,
        validators=PolicyItem._meta.get_field("code").validators,
    )
