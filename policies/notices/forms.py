"""The form of an objection."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.models import Objection
from policies.notices.objecting import Words


class ObjectionForm(forms.ModelForm):
    """Name, telephone and reasons. `website` is seen by machines alone: what fills it in is not taken."""

    website = forms.CharField(
        label=_("请留空"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    class Meta:
        model = Objection
        fields = ("name", "phone", "text")
        labels: ClassVar[dict[str, Any]] = {"text": _("对什么有异议，为什么")}
        help_texts: ClassVar[dict[str, Any]] = {
            "name": _("只用于核实，不公开"),
            "phone": _("核实时联系您，不公开"),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "text": forms.Textarea(attrs={"rows": 5}),
        }

    @property
    def is_of_a_machine(self) -> bool:
        """Whether the field was filled in that nobody sees."""
        return bool(self.cleaned_data.get("website"))

    @property
    def words(self) -> Words:
        """What the service takes."""
        return Words(*(self.cleaned_data[name] for name in ("name", "phone", "text")))


class AnswerForm(forms.Form):
    """What shows the answer to an objection: its number, and the telephone number that was given with it."""

    number = forms.CharField(
        label=_("异议编号"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("提异议时留的电话"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
