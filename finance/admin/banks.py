"""Banks, their branches and people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from finance.admin.forms import OfficerForm
from finance.keepers import may
from finance.models import Bank, BankOfficer, Branch
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role


class KeptByTheOffice:
    """Written by the editors of the county's financial services alone, looked at by who may."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request, *args) and _edits(request)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _edits(request)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _edits(request: HttpRequest) -> bool:
    return may(signed_in(request), Role.EDITOR)


class BranchInline(KeptByTheOffice, TabularInline):
    """Branches, beside their bank."""

    model = Branch
    extra = 0
    hide_title = True
    fields = ["name", "region", "address", "phone"]
    autocomplete_fields = ["region"]


class OfficerInline(KeptByTheOffice, TabularInline):
    """Who acts for the bank; those who left stay, with the day."""

    model = BankOfficer
    form = OfficerForm
    extra = 0
    hide_title = True
    fields = ["user", "branch", "role", "since", "until"]
    autocomplete_fields = ["branch"]


@admin.register(Bank)
class BankAdmin(KeptByTheOffice, ModelAdmin):
    """Banks on the platform."""

    list_display = ["short", "name", "code", "phone", "live", "is_example"]
    list_filter = ["live", "is_example"]
    search_fields = ["code", "name", "short"]
    fields = [("code", "short"), "name", ("uscc", "phone"), ("live", "is_example")]
    inlines = [BranchInline, OfficerInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Bank | None = None) -> Any:
        """A code, once given, is what files know the bank by."""
        return ["code"] if obj else []


@admin.register(Branch)
class BranchAdmin(KeptByTheOffice, ModelAdmin):
    """Branches of all banks."""

    list_display = ["name", "bank", "region", "phone"]
    list_filter = ["bank"]
    list_select_related = ["bank", "region"]
    search_fields = ["name", "bank__short"]
    autocomplete_fields = ["bank", "region"]


@admin.register(BankOfficer)
class BankOfficerAdmin(KeptByTheOffice, ModelAdmin):
    """Everybody who acts or acted for a bank."""

    form = OfficerForm
    list_display = ["user", "bank", "branch", "role", "since", "until"]
    list_filter = ["bank", "role"]
    list_select_related = ["user", "bank", "branch"]
    search_fields = ["user__name", "user__username", "bank__short"]
    autocomplete_fields = ["bank", "branch"]
    fields = ["user", ("bank", "branch"), "role", ("since", "until")]
