"""Form fields of inclusive finance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.forms import TextInput
from django.utils.translation import gettext as _

from finance.rates import parse_rate
from portal.kernel import forms
from portal.kernel.errors import DomainError
from portal.kernel.money import WAN, format_money

MOST_LENT: Final = 100_000 * WAN
"""More than the banks of a county lend one enterprise: a billion yuan, in fen."""


class MoneyField(forms.MoneyField):
    """An amount as people write it (86.5 万元); cleaned it is fen. `unit` holds where none is written.

    Beyond `most` (fen) a 万 too many is more likely than so much money.
    """

    def __init__(self, *, unit: str = "元", most: int | None = None, **kwargs: Any) -> None:
        self.most = most
        # of `data-money` a script says what it comes to
        plain = {"inputmode": "decimal", "autocomplete": "off", "data-money": unit}
        kwargs.setdefault("widget", TextInput(attrs=plain))
        super().__init__(unit=unit, **kwargs)

    def parse(self, text: str) -> int:
        fen = super().parse(text)
        if self.most is not None and fen > self.most:
            raise DomainError(
                _("%(given)s超过 %(most)s，请核对单位。")
                % {"given": format_money(fen), "most": format_money(self.most)},
                code="money_too_large",
            )
        return fen


class RateField(forms.ParsedField):
    """Percent a year, see `finance.rates`."""

    widget = TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, **kwargs})

    def parse(self, text: str) -> Decimal:
        return parse_rate(text)

    def written(self, value: Decimal) -> str:
        """Without idle zeros."""
        return f"{value.normalize():f}"
