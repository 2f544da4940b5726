"""The form of a payee account: one at both doors, the account page and an offer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.money.accounts import digits_of


def _number(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=60, widget=widget, help_text=help_text)


class AccountForm(forms.Form):
    """An account as it stands on the bank's paper; its number is typed twice, as no check finds a slip."""

    holder = forms.CharField(
        label=gettext_lazy("户名"),
        max_length=200,
        help_text=gettext_lazy("要与营业执照上的企业名称一字不差，个人账户和别家企业的账户都不行。"),
    )
    bank = forms.CharField(
        label=gettext_lazy("开户行"),
        max_length=100,
        help_text=gettext_lazy("写到支行，例如“重庆农村商业银行垫江支行”。"),
    )
    number = _number(gettext_lazy("账号"))
    repeated = _number(
        gettext_lazy("再输一遍账号"), gettext_lazy("照着开户资料重新输，不要复制上一格。输错的账号收不到款。")
    )

    def clean(self) -> dict[str, Any]:
        """Both numbers are the same, however their digits are grouped."""
        given: dict[str, Any] = super().clean() or {}
        number, repeated = given.get("number"), given.get("repeated")
        if number and repeated and digits_of(number) != digits_of(repeated):
            self.add_error("repeated", _("两次输入的账号不一样，请核对。"))
        return given
