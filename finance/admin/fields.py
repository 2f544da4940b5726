"""Fields of the admin's forms: rates and people as they are written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from finance import fields
from portal.accounts.models import User


class RateField(fields.RateField):
    """A rate in percent a year; None when left empty."""

    widget = UnfoldAdminTextInputWidget


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
