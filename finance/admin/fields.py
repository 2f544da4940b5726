"""Fields of the admin's forms: rates, money and words as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from finance.rates import format_rate, parse_rate
from matching.explaining.written import written
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money, parse_money
from portal.kernel.strictjson import read_json


class RateField(forms.CharField):
    """A rate in percent a year, see `finance.rates.parse_rate`; None when left empty."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """A rate becomes text; what a person typed stays as it is."""
        return format_rate(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_rate(text)
        except DomainError as error:
            raise ValidationError(error.message) from error


class FenField(forms.CharField):
    """An amount as people write it (300 万元), in fen; None when left empty."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """Fen become text; what a person typed stays as it is."""
        return format_money(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_money(text, unit="万元")
        except DomainError as error:
            raise ValidationError(error.message) from error


class WordsField(forms.Field):
    """Several words in one box, parted by any of the usual commas."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """A list becomes text; what a person typed stays as it is."""
        return "、".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        words = re.split(r"[,，、;；]", value or "")
        return [word for word in map(str.strip, words) if word]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != list(initial or ())


class PersonField(forms.CharField):
    """Somebody by username, mobile or e-mail, as they sign in: no list of everybody's accounts is shown."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """A key becomes the username; what a person typed stays as it is."""
        if not isinstance(value, int):
            return value
        return User.objects.filter(pk=value).values_list("username", flat=True).first()

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return User.objects.get_by_natural_key(text)
        except User.DoesNotExist:
            raise ValidationError(
                _("没有用户“%(text)s”。请填写对方登录用的用户名、手机号或邮箱。"), params={"text": text}
            ) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != data


class RuleField(forms.CharField):
    """Conditions as JSON text, strictly read; None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        look = {"rows": 12, "spellcheck": "false", "class": "font-mono"}
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs=look), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Data becomes text, nothing an empty box; what a person typed stays as it is."""
        return value if value is None or isinstance(value, str) else written(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return read_json(text)
        except DomainError as error:
            raise ValidationError(error.message) from error
