"""What is known of enterprises: to be looked at; corrections come in as new rows."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Tier
from enterprises.models import Credential, FactValue
from enterprises.services.catalogue import load_catalogue
from enterprises.values import format_value
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import ReadOnlyAdmin

SEES_ALL = ("dispatcher", "supervisor", "leader", "audit_admin")
"""Roles whose work is the whole county; others see what their own departments keep."""


def departments_of(request: HttpRequest) -> list[int] | None:
    """Departments whose data the user may see; ``None`` for all."""
    user = signed_in(request)
    if user.is_superuser or any(user.has_role(role) for role in SEES_ALL):
        return None
    return sorted({department for _role, department in user.roles})


def kept_departments(request: HttpRequest) -> list[int] | None:
    """Departments in whose name the user records data, being their editor; ``None`` for all."""
    user = signed_in(request)
    return None if user.is_superuser else user.departments_as(Role.EDITOR)


@admin.register(FactValue)
class FactValueAdmin(ReadOnlyAdmin):
    """Values as they were recorded, newest first; those of a department's own facts."""

    list_select_related = ["enterprise", "fact", "source_department"]
    list_filter = ["tier", "period", "fact__dimension", "fact"]
    search_fields = ["enterprise__uscc__istartswith", "enterprise__name__istartswith"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[FactValue]:
        departments = departments_of(request)
        rows = super().get_queryset(request)
        return rows if departments is None else rows.filter(fact__department__in=departments)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """One catalogue for all rows: asking for it again would be a query a row."""
        catalogue = load_catalogue()

        @display(description=_("值"))
        def shown_value(row: FactValue) -> str:
            return _shown_value(catalogue, row)

        return ["enterprise", "fact", "period", shown_value, "source_department", "tier", "as_of"]


def _shown_value(catalogue: Catalogue, row: FactValue) -> str:
    """The value as people read it."""
    spec = catalogue[row.fact.key]
    if row.withdrawn:
        return str(_("已撤回"))
    if row.not_applicable:
        return format_value(spec, NOT_APPLICABLE)
    if row.items is not None:
        return format_value(spec, frozenset(row.items))
    if row.text is not None:
        return format_value(spec, row.text, lambda code: catalogue.code_label(spec.key, code))
    return format_value(spec, spec.from_scaled(row.scaled or 0))


@admin.register(Credential)
class CredentialAdmin(ModelAdmin):
    """Certificates as recorded. A renewal, correction or revocation is a new row."""

    list_display = ["enterprise", "kind", "certificate", "valid_from", "valid_to", "revoked", "tier", "as_of"]
    list_select_related = ["enterprise", "kind"]
    list_filter = ["kind", "revoked", "tier"]
    search_fields = ["enterprise__uscc__istartswith", "enterprise__name__istartswith", "certificate"]
    autocomplete_fields = ["enterprise", "kind"]
    exclude = ["tier", "department"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        departments = departments_of(request)
        rows = super().get_queryset(request)
        if departments is None:
            return rows
        return rows.filter(Q(kind__department__in=departments) | Q(department__in=departments))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The editor of a department records the kinds that it grants."""
        departments = kept_departments(request)
        if db_field.name == "kind":
            kinds = db_field.remote_field.model.objects.filter(department__isnull=False)
            kwargs["queryset"] = kinds if departments is None else kinds.filter(department__in=departments)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        obj.tier, obj.department, obj.recorded_by = (
            Tier.OFFICIAL,
            obj.kind.department,
            signed_in(request),
        )
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        return False
