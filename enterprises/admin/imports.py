"""Imports: upload, watch, read the errors."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from enterprises.admin.knowledge import departments_of, kept_departments
from enterprises.models import Import, ImportKind
from enterprises.tasks import run_import
from portal.accounts.requests import signed_in
from portal.kernel.uploads import display_name


class ImportForm(forms.ModelForm):
    """The file to take in."""

    class Meta:
        model = Import
        fields = ["kind", "file", "department", "as_of"]
        help_texts = {"department": _("只接收该部门负责的内容；导入名册时不填")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            self.fields["file"].required = True

    def clean_as_of(self) -> dt.date:
        """Nothing is known of a day to come."""
        day: dt.date = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("截至日期不能晚于今天。"))
        return day

    def clean(self) -> dict[str, Any]:
        """Data is taken in for a department of the user's; the registry belongs to none."""
        given = super().clean() or self.cleaned_data
        if given.get("kind") == ImportKind.ENTERPRISES:
            given["department"] = None
        elif not given.get("department") and "department" not in self.errors:
            self.add_error("department", _("请选择来源部门，只能是您担任政策编辑的部门。"))
        return given


@admin.register(Import)
class ImportAdmin(ModelAdmin):
    """A worker takes the file in; its page follows how far it is."""

    change_form_outer_before_template = "admin/enterprises/import_watch.html"

    form = ImportForm
    list_display = [
        "file_name",
        "kind",
        "department",
        "state",
        "progress_text",
        "added",
        "changed",
        "created_at",
    ]
    list_select_related = ["department"]
    list_filter = ["kind", "state"]
    search_fields = ["file_name"]
    fields = ["kind", "file", "department", "as_of"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        """Files of the departments whose data the user may see, and the user's own."""
        departments = departments_of(request)
        rows = super().get_queryset(request)
        if departments is None:
            return rows
        return rows.filter(Q(department__in=departments) | Q(created_by=signed_in(request)))

    def get_fields(self, request: HttpRequest, obj: Import | None = None) -> Any:
        if obj is None:
            return self.fields
        return [
            *("file_name", "kind", "department", "as_of", "created_by", "state", "progress_text"),
            *("added", "changed", "unchanged", "held", "error_table"),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Import | None = None) -> Any:
        return self.get_fields(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Officials import for a department whose editor they are."""
        departments = kept_departments(request)
        if db_field.name == "department" and departments is not None:
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(pk__in=departments)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The registry is for those who keep it, other data for editors."""
        if db_field.name == "kind":
            registrar = signed_in(request).has_perm("enterprises.add_enterprise")
            editor = kept_departments(request) != []
            kwargs["choices"] = [
                (kind.value, kind.label)
                for kind in ImportKind
                if (registrar if kind == ImportKind.ENTERPRISES else editor)
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Import, form: Any, change: bool) -> None:
        obj.file_name = display_name(obj.file.name or "")
        obj.created_by = signed_in(request)
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: run_import.delay(obj.pk), robust=True)

    @display(description=_("进度"))
    def progress_text(self, work: Import) -> str:
        """Rows done and total, percent, rate and time left."""
        parts = [f"{work.done} / {work.total}（{work.percent}%）"]
        if work.is_active and work.rate:
            parts.append(_("每秒 %(rate)d 行") % {"rate": work.rate})
        if work.eta is not None:
            parts.append(_("约剩 %(eta)s") % {"eta": work.eta})
        return "，".join(str(part) for part in parts)

    @display(description=_("错误"))
    def error_table(self, work: Import) -> SafeString | str:
        """Each error by row and column."""
        if not work.errors:
            return work.error or "—"
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", work.errors)
        head = format_html("<tr><th>{}</th><th>{}</th><th>{}</th></tr>", _("行"), _("列"), _("原因"))
        return format_html("<table>{}{}</table>", head, rows)
