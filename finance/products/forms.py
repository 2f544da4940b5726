"""What somebody wants to borrow, typed into a page: read by the project's own parsers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from finance.fields import MOST_LENT, MoneyField, RateField
from finance.models.product import MOST_MONTHS
from finance.models.vocabulary import Repayment
from finance.products.costing import Wish
from portal.kernel.errors import DomainError
from portal.kernel.forms import ParsedField
from portal.kernel.money import WAN
from portal.kernel.numbers import parse_decimal


class AmountField(MoneyField):
    """万元 unless a unit is written, in fen; no more than anybody is lent."""

    def __init__(self, **kwargs: Any) -> None:
        shown = forms.TextInput(attrs={"inputmode": "decimal", "placeholder": _("如 50")})
        super().__init__(unit="万元", most=MOST_LENT, widget=shown, **kwargs)

    def parse(self, text: str) -> int:
        fen = super().parse(text)
        if fen <= 0:
            raise DomainError(_("金额须大于零。"))
        return fen


class MonthsField(ParsedField):
    """A whole number of months."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": _("如 12")})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def parse(self, text: str) -> int:
        months = parse_decimal(text)
        if months != int(months) or not 1 <= months <= MOST_MONTHS:
            raise DomainError(_("期限请填 1 至 480 个月的整数。"))
        return int(months)


class WishForm(forms.Form):
    """How much and for how long. Left empty: half a million for a year."""

    amount = AmountField(label=_("借多少（万元）"), required=False)
    months = MonthsField(label=_("借多久（月）"), required=False)

    def wish(self, usual: Wish | None = None) -> Wish:
        """What was typed, as far as it could be read; the usual for the rest."""
        usual = usual or Wish()
        self.is_valid()
        said = self.cleaned_data
        return Wish(said.get("amount") or usual.amount, said.get("months") or usual.months)


class CostForm(WishForm):
    """The same with a rate and a way of paying back, for one product's calculator."""

    rate = RateField(label=_("年利率（%）"), required=False)
    way = forms.ChoiceField(label=_("还款方式"), required=False)

    def __init__(self, *args: Any, ways: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [way for way in Repayment if way in set(ways)] or list(Repayment)
        self.fields["way"].choices = [(way.value, way.label) for way in known]  # type: ignore[attr-defined]


def shown_wish(wish: Wish) -> dict[str, str]:
    """A wish as its form has it."""
    amount = f"{(Decimal(wish.amount) / WAN).normalize():f}"
    return {"amount": amount, "months": str(wish.months)}
