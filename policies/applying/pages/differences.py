"""What was typed and not kept, beside what is kept: so that nobody's words are lost to a colleague's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from policies.applying.drafts import Saving
from policies.applying.questions import key_of
from policies.applying.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it is called, what was typed in it, what is kept."""

    label: str
    typed: str
    kept: str


def differences(sheet: Sheet, typed: Saving) -> list[Difference]:
    """Fields in which what was typed is not what is kept; `sheet` is as kept."""
    return [one for one in _pairs(sheet, typed) if one.typed != one.kept.strip()]


def _pairs(sheet: Sheet, typed: Saving) -> Iterator[Difference]:
    application, catalogue = sheet.application, sheet.knowledge.catalogue
    labels = {key_of(each.spec.key, each.period): each.spec.label for each in sheet.questions}
    for key, text in typed.answers.items():
        fact = key.partition("@")[0]
        label = labels.get(key) or (catalogue[fact].label if fact in catalogue else key)
        yield Difference(label, text, str(application.answers.get(key, "")))
    for name, text in typed.notes.items():
        kept = str(application.notes.get(name, ""))
        yield Difference(_("没有“%(name)s”的原因") % {"name": name}, text, kept)
    points = {point.pk: point for point in sheet.points}
    for pk, text in typed.replies.items():
        if pk in points:
            yield Difference(points[pk].what, text, points[pk].reply)
    if typed.contact_name is not None:
        yield Difference(_("联系人"), typed.contact_name, application.contact_name)
    if typed.contact_phone is not None:
        yield Difference(_("联系电话"), typed.contact_phone, application.contact_phone)
