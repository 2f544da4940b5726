"""The registry in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from enterprises.codes import Hierarchy, canonical
from enterprises.models import Enterprise, Industry, Membership, Region
from enterprises.services.registry import REGISTRY_FACTS, record_registry
from enterprises.uscc import parse_uscc
from portal.kernel.errors import DomainError
from portal.notifications.models import Mailbox


class EnterpriseForm(forms.ModelForm):
    """Codes are brought into canonical form."""

    class Meta:
        model = Enterprise
        fields = [
            "uscc",
            "name",
            "region",
            "industry",
            "entity_type",
            "ownership",
            "established_on",
            "address",
            "legal_person",
            "status",
            "predecessor",
        ]

    def clean_uscc(self) -> str:
        try:
            return parse_uscc(self.cleaned_data["uscc"]).text
        except DomainError as error:
            raise ValidationError(error.message) from None

    def clean_industry(self) -> str:
        try:
            return canonical(Hierarchy.INDUSTRY, self.cleaned_data["industry"])
        except ValueError:
            raise ValidationError(_("请填写国民经济行业代码，如 C 或 3670。")) from None


class MembershipInline(TabularInline):
    """Who acts for the enterprise."""

    model = Membership
    extra = 0
    fields = ["user", "role", "until"]
    autocomplete_fields = ["user"]


@admin.register(Enterprise)
class EnterpriseAdmin(ModelAdmin):
    """The credit code stays once given; what rules read is recorded as dated official values on saving."""

    form = EnterpriseForm
    list_display = ["name", "uscc", "region", "industry", "entity_type", "status", "uscc_confirmed"]
    list_select_related = ["region"]
    list_filter = ["uscc_confirmed", "status", "entity_type", "ownership", "region"]
    search_fields = ["uscc__istartswith", "name__icontains"]
    autocomplete_fields = ["region", "predecessor"]
    readonly_fields = ["uscc_confirmed", "created_at", "updated_at"]
    inlines = [MembershipInline]
    actions = ["confirm_code"]
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Enterprise | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "uscc"] if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Enterprise | None = None) -> bool:
        """Struck-off enterprises stay: their status says so."""
        return False

    def save_model(self, request: HttpRequest, obj: Enterprise, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.mailbox = Mailbox.objects.create(kind="enterprise")
            obj.uscc_confirmed = parse_uscc(obj.uscc).checked
        super().save_model(request, obj, form, change)
        changed = set(form.changed_data) if change else set(REGISTRY_FACTS)
        record_registry([obj], as_of=timezone.localdate(), recorded_by=request.user, only=changed)

    @admin.action(description=_("确认统一社会信用代码（已核对营业执照）"), permissions=["change"])
    def confirm_code(self, request: HttpRequest, queryset: QuerySet[Enterprise]) -> None:
        confirmed = queryset.filter(uscc_confirmed=False).update(uscc_confirmed=True)
        messages.success(request, _("已确认 %(count)d 家企业的代码。") % {"count": confirmed})


@admin.register(Region)
class RegionAdmin(ModelAdmin):
    list_display = ["code", "name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["code__istartswith", "name"]
    autocomplete_fields = ["parent"]


@admin.register(Industry)
class IndustryAdmin(ModelAdmin):
    list_display = ["code", "name", "section"]
    list_filter = ["section"]
    search_fields = ["code__istartswith", "name"]
