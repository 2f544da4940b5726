"""Fields of the admin's forms, in its look: amounts and words as people write them."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from portal.kernel.forms import MoneyField


class FenField(MoneyField):
    """An amount as people write it, in fen."""

    widget = UnfoldAdminTextInputWidget


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
