"""What is written at the payment desk."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

REASON: Final = 300


class SeenForm(forms.Form):
    """A step that presses on: `seen` is the digest that the page showed, empty while there is none."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class CodeForm(SeenForm):
    """A signature: the code that the authenticator shows now."""

    code = forms.CharField(
        label=_("动态码"),
        max_length=20,
        help_text=_("动态口令应用当前显示的六位数字。每个码只能用一次。"),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": False}
        ),
    )


class ReasonForm(SeenForm):
    """A step with a reason, under a label of its own."""

    reason = forms.CharField(label=_("原因"), max_length=REASON, widget=forms.Textarea(attrs={"rows": 2}))


def reason_form(label: Any) -> type[ReasonForm]:
    """A form that asks for words under this label."""

    class Labelled(ReasonForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["reason"].label = label

    return Labelled
