"""Form fields that read what people write, and refuse what a column cannot hold."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.kernel.errors import DomainError
from portal.kernel.money import money_text, parse_money
from portal.kernel.strictjson import read_json


class ParsedField(forms.CharField):
    """Text that one of the project's own parsers reads; None when left empty."""

    def parse(self, text: str) -> Any:
        """What the text says. Raises DomainError in words for the person, ValidationError too."""
        raise NotImplementedError  # which parser it is, each subclass says

    def written(self, value: Any) -> str:
        """A value as people write it."""
        return str(value)

    def prepare_value(self, value: Any) -> Any:
        """A value becomes text; what a person typed stays as it is."""
        return value if value is None or isinstance(value, str) else self.written(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        super().run_validators(text)
        try:
            return self.parse(text)
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error

    def run_validators(self, value: Any) -> None:
        """They are of the text, and were asked before it was read."""


class MoneyField(ParsedField):
    """An amount as people write it (86.5 万元), in fen. `unit` holds where none is written."""

    def __init__(self, *, unit: str = "元", **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(**{"max_length": 40, **kwargs})

    def parse(self, text: str) -> int:
        return parse_money(text, unit=self.unit)

    def written(self, value: int) -> str:
        return money_text(value)


class StrictJSONField(forms.JSONField):
    """For a JSON column: Django's own field takes NaN, floats, and characters that PostgreSQL refuses.

    An emptied box is what the column begins with (`initial`), since no column of ours takes NULL.
    """

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values and callable(self.initial):
            return self.initial()
        if isinstance(value, str) and value.strip() and not self.disabled:
            try:
                read_json(value)
            except DomainError as error:
                raise ValidationError(error.message, code=error.code) from error
        return super().to_python(value)


class WholeRowForm(forms.ModelForm):
    """Checks a row's constraints over all its fields: those that are only shown can be what breaks one."""

    def _post_clean(self) -> None:
        """As usual; Django leaves a constraint out that names a field which is not in the form."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as error:
                self._update_errors(error)  # type: ignore[attr-defined]
