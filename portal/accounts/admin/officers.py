"""Sections, officers and their absences. Officers are never deleted: they leave, and what they did stays."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from portal.accounts.models import Absence, Officer, Section


@admin.register(Section)
class SectionAdmin(ModelAdmin):
    """Where work arrives in a department."""

    list_display = ["name", "department", "phone"]
    list_select_related = ["department"]
    search_fields = ["name", "department__name", "department__short_name"]
    autocomplete_fields = ["department"]


class AbsenceInline(TabularInline):
    """When the officer is away and who stands in."""

    model = Absence
    fk_name = "officer"
    extra = 0
    autocomplete_fields = ["substitute"]


@admin.register(Officer)
class OfficerAdmin(ModelAdmin):
    """Officials by name and post, with an account or without."""

    list_display = ["name", "title", "department", "section", "rank", "phone", "left_on"]
    list_select_related = ["department", "section__department"]
    list_filter = ["rank", ("user", admin.EmptyFieldListFilter), ("left_on", admin.EmptyFieldListFilter)]
    search_fields = ["name", "title", "phone", "department__name", "department__short_name"]
    autocomplete_fields = ["department", "section", "user"]
    inlines = [AbsenceInline]
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Officer | None = None) -> bool:
        return False


@admin.register(Absence)
class AbsenceAdmin(ModelAdmin):
    """Everybody's absences; the roster of a desk shows those of its own people."""

    list_display = ["officer", "shown_department", "days", "substitute", "reason"]
    list_select_related = ["officer__department", "substitute"]
    search_fields = ["officer__name", "substitute__name", "reason"]
    autocomplete_fields = ["officer", "substitute"]

    @admin.display(description=_("部门"), ordering="officer__department__code")
    def shown_department(self, absence: Absence) -> Any:
        """The officer's."""
        return absence.officer.department
