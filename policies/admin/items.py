"""Items: their versions side by side, a next version, a copy for the next year."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from policies import services
from policies.access import may
from policies.admin.forms import CodeForm, editable_departments
from policies.admin.links import link
from policies.drafting import next_content
from policies.models import ItemVersion, PolicyItem
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import ReadOnlyInline
from portal.kernel.errors import DomainError
from portal.kernel.steps import Step, named_row, step_page


class VersionInline(ReadOnlyInline):
    """All versions, newest first."""

    model = ItemVersion
    hide_title = True
    fields = [
        "page",
        "number",
        "state",
        "window_from",
        "window_to",
        "edited_by",
        "published_by",
        "published_at",
    ]

    @display(description=_("版本"))
    def page(self, version: ItemVersion) -> str:
        """Link to the version."""
        address = reverse("admin:policies_itemversion_change", args=[version.pk])
        return link(address, version.title)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemVersion]:
        return super().get_queryset(request).select_related("edited_by", "published_by", "item")


@admin.register(PolicyItem)
class PolicyItemAdmin(ModelAdmin):
    """New items begin as a version; here they go on."""

    list_display = ["code", "shown_title", "department", "created_at"]
    list_filter = ["department"]
    list_select_related = ["department", "rule"]
    search_fields = ["code", "versions__title"]
    fields = ["code", "department", "co_departments", "copied_from", "created_by", "created_at"]
    readonly_fields = ["code", "copied_from", "created_by", "created_at"]
    inlines = [VersionInline]
    actions_detail = ["new_version", "copy"]

    @display(description=_("名称"), ordering="rule__label")
    def shown_title(self, item: PolicyItem) -> str:
        """What the item is called today."""
        return item.title

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyItem]:
        """With the rule, whose label is the title."""
        return super().get_queryset(request).select_related("rule")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Departments in one line, found by typing."""
        return db_field.formfield(widget=UnfoldAdminSelect2MultipleWidget, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PolicyItem | None = None) -> bool:
        """The editors of the item's department."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may(signed_in(request), Role.EDITOR, obj.department))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An item is handed to departments only that its editor edits for as well."""
        if db_field.name == "department":
            kwargs["queryset"] = editable_departments(signed_in(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyItem | None = None) -> bool:
        return False

    def has_draft_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Editors of the item's department."""
        item = self.get_object(request, object_id)
        return item is not None and may(signed_in(request), Role.EDITOR, item.department)

    @action(description=_("编写新版本"), permissions=["draft"], url_path="new-version")
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A draft that begins as the latest version."""
        item = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            latest = item.versions.select_related("rule_version").first()
            if latest is None:
                raise DomainError(_("事项还没有版本。"), code="no_version")
            version = services.start_version(
                item, next_content(latest, timezone.localdate()), by=signed_in(request)
            )
            return reverse("admin:policies_itemversion_change", args=[version.pk])

        warns = _("将按最新一版的内容建立草稿，从今天起有效。改好、提交并发布后，新版本替代现行版本。")
        step = Step(_("编写新版本"), Form, perform, _("已建立草稿。"), warns=warns)
        return step_page(self, request, item, step)

    @action(description=_("复制为新事项"), permissions=["draft"], url_path="copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """An item that goes on, as a new one's draft."""
        item = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            version = services.copy_item(item, cleaned["code"], by=signed_in(request))
            return reverse("admin:policies_itemversion_change", args=[version.pk])

        warns = _(
            "内容、条件、标准和样例都会复制。有效期从今天起；"
            "申报时间和有效期已经结束的，连同基准年度顺延到还没结束的那一年，请逐项核对后再提交。"
        )
        step = Step(_("复制为新事项"), CodeForm, perform, _("已复制为草稿。"), warns=warns)
        return step_page(self, request, item, step)
