"""Form fields that refuse what a column cannot hold."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.kernel.errors import DomainError
from portal.kernel.strictjson import read_json


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
