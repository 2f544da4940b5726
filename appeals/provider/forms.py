"""What a provider writes on an order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import Outcome
from portal.kernel.errors import DomainError


class WordsForm(forms.Form):
    """A reason, a note or a question."""

    text = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


class NoteForm(WordsForm):
    """A note; the enterprise sees it only when it is told to."""

    public = forms.BooleanField(label=_("企业可见"), required=False)


class AnswerForm(WordsForm):
    """How it ended; with “promised” what will be done by when."""

    outcome = forms.ChoiceField(label=_("结果"), choices=Outcome.choices, widget=forms.RadioSelect)
    promise = forms.CharField(
        label=_("承诺做什么"), max_length=300, required=False, help_text=_("结果是“承诺限时解决”时填写")
    )
    due_on = forms.DateField(
        label=_("承诺日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("outcome", "text", "promise", "due_on")

    def clean(self) -> dict[str, Any]:
        """A promise says what and by which day, today at the earliest."""
        given = super().clean() or {}
        if given.get("outcome") == Outcome.PROMISED:
            for name in ("promise", "due_on"):
                if name not in self.errors and not given.get(name):
                    self.add_error(name, _("承诺限时解决须写明做什么、哪天前。"))
            if given.get("due_on") and given["due_on"] < timezone.localdate():
                self.add_error("due_on", _("承诺日期不能早于今天。"))
        return given


def refuse(form: forms.Form, error: DomainError) -> None:
    """Say beside the form why the step was refused."""
    form.add_error(None, str(error))
