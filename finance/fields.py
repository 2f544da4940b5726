"""Form fields of inclusive finance."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.money import WAN, format_money, parse_money

MOST_LENT: Final = 100_000 * WAN
"""More than the banks of a county lend one enterprise: a billion yuan, in fen."""


class MoneyField(forms.CharField):
    """An amount as people write it (86.5 万元); cleaned it is fen. `unit` holds where none is written.

    Beyond `most` (fen) a 万 too many is more likely than so much money.
    """

    def __init__(self, *, unit: str = "元", most: int | None = None, **kwargs: Any) -> None:
        self.unit, self.most = unit, most
        kwargs.setdefault("max_length", 40)
        # of `data-money` a script says what it comes to
        plain = {"inputmode": "decimal", "autocomplete": "off", "data-money": unit}
        kwargs.setdefault("widget", forms.TextInput(attrs=plain))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        """Fen, or None where nothing is written and nothing has to be."""
        written = super().clean(value)
        if not written:
            return None
        try:
            fen = parse_money(written, unit=self.unit)
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error
        if self.most is not None and fen > self.most:
            raise ValidationError(
                _("%(given)s超过 %(most)s，请核对单位。")
                % {"given": format_money(fen), "most": format_money(self.most)},
                code="money_too_large",
            )
        return fen
