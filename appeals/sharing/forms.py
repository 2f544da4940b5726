"""Which appeals make a shared problem, and what it is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.models import Appeal, SharedProblem
from appeals.sharing.problems import candidates
from portal.accounts.models import User

TITLE_LENGTH = SharedProblem._meta.get_field("title").max_length


class ChosenForm(forms.Form):
    """The appeals chosen, of those that may be."""

    appeals = forms.ModelMultipleChoiceField(
        Appeal.objects.none(),
        error_messages={
            "required": _("请勾选诉求。"),
            "invalid_choice": _("有的诉求已答复、已合并或不能合并，请刷新页面重选。"),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["appeals"].queryset = candidates(user)  # type: ignore[attr-defined]

    @property
    def problems(self) -> list[str]:
        """What is wrong, in words."""
        return [str(error) for errors in self.errors.values() for error in errors]


class ShareForm(ChosenForm):
    """A new problem of at least two."""

    title = forms.CharField(
        label=_("共性问题的标题"),
        max_length=TITLE_LENGTH,
        error_messages={"required": _("请写明共性问题的标题。")},
    )
