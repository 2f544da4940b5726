"""The catalogue in the admin: facts, credential kinds, code lists, figures."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from enterprises.catalogue import Scope
from enterprises.models import CodeList, CredentialKind, Fact, ReferenceFigure
from portal.accounts.requests import signed_in
from portal.kernel.forms import StrictJSONField, WholeRowForm

FROZEN = ["kind", "unit", "scale", "scope", "periodic", "hierarchy"]
"""What no longer changes once a fact has a value, or of a claim, whose answers are not values here."""


class NamedByRules(ModelAdmin):
    """Rules may name these rows by key: they stay, and keep their keys."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "key"] if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Fact)
class FactAdmin(NamedByRules):
    """What can be known. A department adds a fact here without a developer."""

    form = WholeRowForm
    list_display = ["label", "key", "kind", "unit", "dimension", "department", "scope", "periodic", "derived"]
    list_select_related = ["department"]
    list_filter = ["dimension", "kind", "scope", "periodic", "derived", "department"]
    search_fields = ["key", "label", "label_en"]
    autocomplete_fields = ["department"]
    readonly_fields = ["derived"]
    formfield_overrides = {models.JSONField: {"form_class": StrictJSONField}}

    def get_readonly_fields(self, request: HttpRequest, obj: Fact | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, *FROZEN] if obj and (obj.scope == Scope.CLAIM or obj.values.exists()) else fields


@admin.register(CredentialKind)
class CredentialKindAdmin(NamedByRules):
    list_display = ["label", "key", "department", "complete"]
    list_select_related = ["department"]
    list_filter = ["complete", "department"]
    search_fields = ["key", "label"]
    autocomplete_fields = ["department"]


class RecordedAdmin(ModelAdmin):
    """Rows as they were recorded, the newest of a name first. A correction is a row more."""

    list_select_related = ["recorded_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each row with whether a newer one has taken its place."""
        rows = super().get_queryset(request)
        return rows.annotate(stands=Q(pk__in=self.model.objects.newest().values("pk")))

    @display(description=_("状态"), label={"stands": "success", "corrected": "info", "withdrawn": "danger"})
    def standing(self, row: Any) -> tuple[str, Any]:
        """In force, withdrawn, or corrected by a newer row."""
        if not row.stands:
            return "corrected", _("已更正")
        return ("withdrawn", _("已撤销")) if getattr(row, "withdrawn", False) else ("stands", _("有效"))

    @display(description=_("更正"))
    def correct(self, row: Any) -> str:
        """Link to a new row that begins as this one."""
        if not row.stands:
            return ""
        names = [field.name for field in row._meta.fields if field.editable and not field.primary_key]
        told = [name for name in names if getattr(row, name) is not False]  # a box reads any text as ticked
        said = {name: row._meta.get_field(name).value_to_string(row) for name in told}
        said |= {"codes": ",".join(row.codes)} if "codes" in said else {}
        address = reverse(f"admin:enterprises_{row._meta.model_name}_add", query=said)
        return format_html('<a href="{}">{}</a>', address, _("更正"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.recorded_by = signed_in(request)
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


RECORDED = ["standing", "recorded_at", "recorded_by", "correct"]


@admin.register(CodeList)
class CodeListAdmin(RecordedAdmin):
    list_display = ["label", "key", "hierarchy", "codes", "source", *RECORDED]
    list_filter = ["hierarchy"]
    search_fields = ["key", "label"]


@admin.register(ReferenceFigure)
class ReferenceFigureAdmin(RecordedAdmin):
    list_display = ["label", "key", "region", "on", "value", "unit", "source", *RECORDED]
    list_filter = ["key"]
    date_hierarchy = "on"
    search_fields = ["key", "label"]
