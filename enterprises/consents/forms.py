"""The part of a form in which an enterprise agrees to be known, and that in which it ends that.

An application puts a `ConsentForm` beside its own form, shows it with

    {% include "enterprises/consents/part.html" with part=consent_form %}

and, once both are valid, gives the consent in its own transaction:

    granting.grant(actor, bank.grantee, consent_form.terms(purpose, reference=number, at=now), at=now)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.consents.granting import MOST_WORDS, Terms
from enterprises.consents.groups import Group, groups_of
from enterprises.services.catalogue import load_catalogue
from portal.kernel.digests import digest_of

SPANS: Final = {
    30: gettext_lazy("一个月"),
    90: gettext_lazy("三个月"),
    180: gettext_lazy("半年"),
    365: gettext_lazy("一年"),
    1095: gettext_lazy("三年"),
}
"""Days for which consents are offered, in words."""


class ConsentForm(forms.Form):
    """Which groups, for how long, and the agreement itself. `whom`: who will read, in words.

    `facts` and `credentials` are what is asked for, None for all there is; only that is shown and given.
    `shown` names that content and who will read it: a form that was shown for another one is not valid.
    """

    prefix = "consent"

    groups = forms.MultipleChoiceField(
        label=gettext_lazy("允许查阅的数据"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("有效期"), choices=list(SPANS.items()), coerce=int, initial=180
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    agreed = forms.BooleanField(
        error_messages={"required": gettext_lazy("请看清授权内容，同意后勾选。")},
    )

    def __init__(
        self,
        *args: Any,
        whom: str,
        facts: Collection[str] | None = None,
        credentials: Collection[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whom = whom
        self.offered = groups_of(load_catalogue(), facts, credentials)
        self.shown = digest_of([str(whom), [[group.facts, group.credentials] for group in self.offered]])
        field = self.fields["groups"]
        field.choices = [(group.key, group.key) for group in self.offered]  # type: ignore[attr-defined]
        field.initial = [group.key for group in self.offered]
        self.fields["agreed"].label = _("我同意%(whom)s在有效期内查阅以上勾选的数据") % {"whom": whom}

    @property
    def lines(self) -> list[tuple[Any, Group]]:
        """Each group with its box."""
        return list(zip(self["groups"], self.offered, strict=True))

    def clean(self) -> dict[str, Any]:
        """What was shown is what is given: the catalogue, or who will read, may have changed in between.

        Then the agreement was to something else, and the box is empty when the form is shown again.
        """
        given = super().clean() or {}
        if given.get("seen") != self.shown:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data.pop(self.add_prefix("agreed"), None)  # type: ignore[attr-defined]
            raise ValidationError(_("授权对象或可授权的数据有变化，请重新看一遍再同意。"), code="changed")
        return given

    def terms(self, purpose: str, *, reference: str = "", at: dt.datetime) -> Terms:
        """What was agreed to, once the form is valid; it ends with a day."""
        chosen = [group for group in self.offered if group.key in self.cleaned_data["groups"]]
        return Terms(
            facts=tuple(key for group in chosen for key, _label in group.facts),
            credentials=tuple(key for group in chosen for key, _label in group.credentials),
            purpose=purpose,
            until=_midnight_after(at, self.cleaned_data["days"]),
            reference=reference,
        )


def _midnight_after(at: dt.datetime, days: int) -> dt.datetime:
    """The end of the day that comes so many days later."""
    day = timezone.localdate(at) + dt.timedelta(days=days + 1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


class RevokeForm(forms.Form):
    """Why it ends, if one likes to say."""

    reason = forms.CharField(
        label=gettext_lazy("原因（可不填，对方能看到）"), required=False, max_length=MOST_WORDS
    )
