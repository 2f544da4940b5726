"""The catalogue in the admin: facts, credential kinds, code lists, figures."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from enterprises.catalogue import Scope
from enterprises.models import CodeList, CredentialKind, Fact, ReferenceFigure
from portal.kernel.forms import StrictJSONField

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


@admin.register(CodeList)
class CodeListAdmin(NamedByRules):
    list_display = ["label", "key", "hierarchy", "source"]
    list_filter = ["hierarchy"]
    search_fields = ["key", "label"]


@admin.register(ReferenceFigure)
class ReferenceFigureAdmin(NamedByRules):
    list_display = ["label", "key", "region", "on", "value", "unit", "source"]
    list_filter = ["key"]
    date_hierarchy = "on"
    search_fields = ["key", "label"]
