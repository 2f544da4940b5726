"""To whom an order can be given, as one choice: a department, a section of it, an officer of one's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appeals.dispatching import Target
from appeals.placing import POOL
from portal.accounts.models import Department, Officer, Section

Choices = list[tuple[Any, Any]]


class Places:
    """Departments, their sections and one department's officers; read once a page, when asked."""

    def __init__(self, department: Department, day: dt.date) -> None:
        self.department, self.day = department, day

    @cached_property
    def departments(self) -> dict[int, Department]:
        """Those that can have an order; what is for the pool of market firms goes to the grab hall."""
        return {each.pk: each for each in Department.objects.exclude(code=POOL)}

    @cached_property
    def sections(self) -> dict[int, Section]:
        rows = Section.objects.exclude(department__code=POOL).select_related("department")
        rows = rows.order_by("department", "name", "pk")
        return {each.pk: each for each in rows}

    @cached_property
    def officers(self) -> dict[int, Officer]:
        """Those of the desk's department who have not left."""
        serving: Any = Officer.objects.serving(self.day)
        return {each.pk: each for each in serving.filter(department=self.department)}

    def names(self, *, without: Iterable[int | None] = ()) -> Choices:
        """Departments alone."""
        out = set(without)
        return [("", _("请选择"))] + [
            (str(pk), each.short_name) for pk, each in self.departments.items() if pk not in out
        ]

    def targets(self, *, without: Iterable[int | None] = (), colleagues: bool = False) -> Choices:
        """Departments with their sections, the desk's own officers first when asked for."""
        out = set(without)
        groups: Choices = [("", _("请选择"))]
        if colleagues and self.officers:
            groups.append((_("本单位人员"), [(f"o{pk}", str(each)) for pk, each in self.officers.items()]))
        of: dict[int, Choices] = {}
        for pk, section in self.sections.items():
            of.setdefault(section.department_id, []).append((f"s{pk}", str(section)))
        groups += [
            (each.short_name, [(f"d{pk}", each.short_name), *of.get(pk, [])])
            for pk, each in self.departments.items()
            if pk not in out
        ]
        return groups

    def target(self, key: str) -> Target:
        """What one of `targets` stands for. Raises ValidationError for a key that is none."""
        kind, pk = key[:1], int(key[1:]) if key[1:].isdecimal() else 0
        if kind == "d" and pk in self.departments:
            return Target(self.departments[pk])
        if kind == "s" and pk in self.sections:
            section = self.sections[pk]
            return Target(section.department, section)
        if kind == "o" and pk in self.officers:
            return Target(self.department, handler=self.officers[pk])
        raise ValidationError(_("请选择单位。"), code="no_target")


class TargetField(forms.TypedChoiceField):
    """One of `Places.targets`; cleans to a Target, or None when nothing need be chosen."""

    def __init__(self, places: Places, choices: Choices, **kwargs: Any) -> None:
        super().__init__(choices=choices, coerce=places.target, empty_value=None, **kwargs)
