"""What is written at the payment desk."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.forms import SigningCodeField

REASON: Final = 300


class SeenForm(forms.Form):
    """A step that presses on: `seen` is the digest that the page showed, empty while there is none."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class CodeForm(SeenForm):
    """A signature: the code that the authenticator shows now."""

    code = SigningCodeField()


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
