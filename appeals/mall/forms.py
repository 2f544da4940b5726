"""What an enterprise writes when it picks, and the stars it gives."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.models import Category


class PickForm(forms.Form):
    """What is needed, and whom to call. `category` is asked only when a provider is picked."""

    category = forms.ModelChoiceField(label=_("类别"), queryset=Category.objects.none())
    title = forms.CharField(label=_("一句话说明需求"), max_length=80)
    text = forms.CharField(
        label=_("具体要求"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("数量、时间、已有的材料，写得越清楚报价越准"),
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=50)
    contact_phone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, categories: list[Category] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if categories is None:
            del self.fields["category"]
            return
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = Category.objects.filter(pk__in=[each.pk for each in categories])


class RatingForm(forms.Form):
    """One to five stars and a word."""

    stars = forms.TypedChoiceField(
        label=_("评星"),
        coerce=int,
        choices=[
            (5, _("5 星 · 很好")),
            (4, _("4 星 · 好")),
            (3, _("3 星 · 一般")),
            (2, _("2 星 · 差")),
            (1, _("1 星 · 很差")),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("评语"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("机构能看到，不显示评价人姓名"),
    )
