"""Bins beside one another in a form: the whole row of them is checked and written at once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import TabularInline

from enterprises.catalogue import NUMERIC, Kind
from finance.keepers import may
from finance.models import ScoreBin, ScoreCharacteristic
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role


class BinForm(forms.ModelForm):
    """One bin. Whether it fits beside the others, the formset asks."""

    class Meta:
        model = ScoreBin
        fields = ["position", "label", "lower", "upper", "values", "points", "reason", "tip"]

    characteristic: ScoreCharacteristic | None = None

    def clean(self) -> dict[str, Any]:
        """Bins of figures have no values; elsewhere no value means everything else."""
        given = super().clean() or self.cleaned_data
        fact = self.characteristic.fact if self.characteristic is not None else None
        given["values"] = (
            None if fact is not None and Kind(fact.kind) in NUMERIC else given.get("values") or []
        )
        return given

    def validate_unique(self) -> None:
        """The formset compares the rows; what stands in the table is replaced by them."""

    def validate_constraints(self) -> None:
        """What can be said of one bin alone."""
        for constraint in ScoreBin._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                try:
                    constraint.validate(ScoreBin, self.instance, exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
                except ValidationError as error:
                    self._update_errors(error)  # type: ignore[attr-defined]


class BinFormSet(BaseInlineFormSet):
    """All bins of a characteristic; saved, they replace those that were there."""

    def _construct_form(self, i: int, **kwargs: Any) -> BinForm:
        form: BinForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.characteristic = self.instance
        return form

    def clean(self) -> None:
        """No two bins take one figure. Holes are told by the checks before publication."""
        super().clean()
        if any(self.errors):
            return
        for one, other in combinations(self._told(), 2):
            if one.get("values") is None and other.get("values") is None and _overlap(one, other):
                raise ValidationError(
                    _("“%(one)s”与“%(other)s”重叠。") % {"one": one["label"], "other": other["label"]}
                )

    def save(self, commit: bool = True) -> list[ScoreBin]:
        """Written anew together: bounds that move between two bins would overlap one after the other."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        if not self.has_changed():
            return []
        self.instance.bins.all().delete()
        self.new_objects = ScoreBin.objects.bulk_create(
            ScoreBin(
                characteristic=self.instance,
                **{name: value for name, value in told.items() if name in BinForm.Meta.fields},
            )
            for told in self._told()
        )
        return self.new_objects

    def _told(self) -> list[dict[str, Any]]:
        return [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data
            and not form.cleaned_data.get("DELETE")
            and (form.instance.pk or form.has_changed())
        ]


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def begins_before_end(left: dict[str, Any], right: dict[str, Any]) -> bool:
        return left["lower"] is None or right["upper"] is None or left["lower"] < right["upper"]

    return begins_before_end(one, other) and begins_before_end(other, one)


class BinInline(TabularInline):
    """The bins of a characteristic."""

    model = ScoreBin
    form = BinForm
    formset = BinFormSet
    hide_title = True
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: ScoreCharacteristic | None = None) -> bool:
        return obj is None or (obj.version.is_draft and may(signed_in(request), Role.EDITOR))

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def has_view_permission(self, request: HttpRequest, obj: ScoreCharacteristic | None = None) -> bool:
        return True
