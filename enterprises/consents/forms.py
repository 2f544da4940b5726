"""The part of a form in which an enterprise agrees to be known, and that in which it ends that.

An application puts a `ConsentForm` beside its own form, shows it with

    {% include "enterprises/consents/part.html" with part=consent_form %}

and, once both are valid, gives the consent in its own transaction:

    granting.grant(actor, bank.grantee, consent_form.terms(purpose, reference=number, at=now), at=now)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.consents.choosing import Choice, Need, offer_of
from enterprises.consents.granting import MOST_WORDS, Terms
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
    """What, for how long, and the agreement itself. `whom`: who will read, in words.

    What `needs` ask for is ticked and says why; nothing else is ticked. `facts` and `credentials` are what
    may be let know at all, None for all there is. `shown` names what was offered and who will read it: a
    form that was shown for another one is not valid.
    """

    prefix = "consent"

    items = forms.MultipleChoiceField(
        label=gettext_lazy("允许查阅的数据"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一项数据。")},
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
        needs: Iterable[Need] = (),
        facts: Collection[str] | None = None,
        credentials: Collection[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whom = whom
        self.offered = offer_of(load_catalogue(), needs, facts, credentials)
        self.choices = [*self.offered.needed, *self.offered.rest]
        asked = [choice.items for choice in self.offered.needed]
        self.shown = digest_of([str(whom), asked, [choice.items for choice in self.choices]])
        field = self.fields["items"]
        field.choices = [(choice.key, choice.label) for choice in self.choices]  # type: ignore[attr-defined]
        field.initial = [choice.key for choice in self.offered.needed]
        self.fields["agreed"].label = _("我同意%(whom)s在有效期内查阅以上勾选的数据") % {"whom": whom}

    @property
    def needed(self) -> list[tuple[tuple[str, ...], list[tuple[Any, Choice]]]]:
        """What is asked for, each with its box, once under the reasons that several share."""
        grouped: dict[tuple[str, ...], list[tuple[Any, Choice]]] = {}
        for choice in self.offered.needed:
            grouped.setdefault(choice.reasons, []).append((self._boxes[choice.key], choice))
        return list(grouped.items())

    @property
    def more(self) -> list[tuple[str, list[tuple[Any, Choice]]]]:
        """The rest by group, each with its box."""
        return [
            (name, [(self._boxes[choice.key], choice) for choice in choices])
            for name, choices in self.offered.more
        ]

    @property
    def chose_more(self) -> bool:
        """Whether anything is ticked that nobody asks for: then the rest is not folded."""
        ticked = set(self["items"].value() or ())
        return any(choice.key in ticked for choice in self.offered.rest)

    @cached_property
    def _boxes(self) -> dict[str, Any]:
        return {box.data["value"]: box for box in self["items"]}

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
        chosen = [choice for choice in self.choices if choice.key in self.cleaned_data["items"]]
        return Terms(
            facts=tuple(key for choice in chosen for key in choice.facts),
            credentials=tuple(key for choice in chosen for key in choice.credentials),
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
