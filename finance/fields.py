"""Form fields of inclusive finance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money


class MoneyField(forms.CharField):
    """An amount as people write it (86.5 万元); cleaned it is fen. `unit` holds where none is written."""

    def __init__(self, *, unit: str = "元", **kwargs: Any) -> None:
        self.unit = unit
        kwargs.setdefault("max_length", 40)
        plain = {
            "inputmode": "decimal",
            "autocomplete": "off",
            "data-money": unit,
        }  # a script says what it is
        kwargs.setdefault("widget", forms.TextInput(attrs=plain))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        """Fen, or None where nothing is written and nothing has to be."""
        written = super().clean(value)
        if not written:
            return None
        try:
            return parse_money(written, unit=self.unit)
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error
