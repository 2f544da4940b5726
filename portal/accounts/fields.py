"""Model fields for identifiers of people."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from portal.accounts.identifiers import parse_mobile
from portal.kernel.errors import DomainError


class MobileField(models.CharField):
    """Eleven digits in the database; forms and `full_clean` take what `parse_mobile` takes, "" is None."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 11
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> str | None:
        if not value or not str(value).strip():
            return None
        try:
            return parse_mobile(str(value))
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error

    def get_prep_value(self, value: Any) -> Any:
        """No mobile is NULL, so that people without one do not collide."""
        return super().get_prep_value(value) or None

    def formfield(self, **kwargs: Any) -> Any:
        """A box for telephone numbers with room for separators."""
        return forms.CharField(
            **{
                "required": not self.blank,
                "label": self.verbose_name,
                "help_text": self.help_text,
                "max_length": 20,
                "empty_value": None,
                "widget": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
                **{key: kwargs[key] for key in kwargs.keys() & {"widget", "label", "required"}},
            }
        )
