"""Documents: written by one, published by another."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminURLInputWidget

from policies import services
from policies.access import publishes
from policies.admin.forms import CommentForm, DocumentForm
from policies.enums import DocumentState
from policies.models import DocumentEvent, PolicyDocument
from portal.accounts.requests import signed_in
from portal.kernel.admin import EventInline
from portal.kernel.forms import StrictJSONField
from portal.kernel.steps import Step, named_row, step_page

STATE_COLOURS = {
    "draft": "info",
    "in_review": "warning",
    "published": "success",
    "withdrawn": "danger",
    "superseded": "default",
    "expired": "default",
    "repealed": "default",
}


CERTAINTY = {
    "official": _("发文机关网站"),
    "copy": _("转载"),
    "common": _("公开常识，待核"),
    "given": _("来件转述，未见原文"),
}
SHOWN = {"topics": "shown_topics", "source": "shown_source"}
"""What stands for a field where a document is only looked at."""


class DocumentEventInline(EventInline):
    model = DocumentEvent


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(ModelAdmin):
    """Drafts are edited; what is published is only looked at."""

    list_display = ["title", "number", "issuer", "shown_state", "issued_on"]
    list_filter = ["state", "level"]
    search_fields = ["title", "number", "code"]
    autocomplete_fields = ["superseded_by"]
    form = DocumentForm
    fields = [
        *("code", "title", "number", "issuer", "level", "region"),
        *("issued_on", "effective_from", "effective_to", "year"),
        *("body", "reading", "link", "topics", "source", "superseded_by"),
        *("state", "author", "published_by", "published_at"),
    ]
    readonly_fields = ["state", "author", "published_by", "published_at"]
    inlines = [DocumentEventInline]
    actions_detail = ["publish"]
    formfield_overrides = {
        models.JSONField: {"form_class": StrictJSONField},
        models.URLField: {"assume_scheme": "https", "widget": UnfoldAdminURLInputWidget},
    }

    @display(description=_("状态"), label=STATE_COLOURS)
    def shown_state(self, document: PolicyDocument) -> tuple[str, str]:
        """The state as a coloured label."""
        return document.state, document.get_state_display()

    @display(description=_("主题"))
    def shown_topics(self, document: PolicyDocument) -> str:
        """As they are written in the form."""
        return "、".join(document.topics) or "—"

    @display(description=_("来源"))
    def shown_source(self, document: PolicyDocument) -> str:
        """Where it was seen, how sure that is and what is to be known of it."""
        source = document.source
        parts = (
            source.get("where"),
            CERTAINTY.get(source.get("certainty", "")),
            _("只见到节选") if source.get("excerpt") else "",
            source.get("note"),
        )
        return " · ".join(str(part) for part in parts if part) or "—"

    def get_fields(self, request: HttpRequest, obj: PolicyDocument | None = None) -> Any:
        """The form's; what is only looked at, in words."""
        written = obj is None or self.has_change_permission(request, obj)
        return self.fields if written else [SHOWN.get(name, name) for name in self.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyDocument | None = None) -> Any:
        return [*self.readonly_fields, *SHOWN.values()]

    def save_model(self, request: HttpRequest, obj: PolicyDocument, form: Any, change: bool) -> None:
        """Whoever enters a document is its author; whoever saves it has written it."""
        if not change:
            obj.author = signed_in(request)
        obj.edited_by = signed_in(request)
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: PolicyDocument | None = None) -> bool:
        if obj is not None and obj.state != DocumentState.DRAFT:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyDocument | None = None) -> bool:
        return False

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        """A draft, by somebody who publishes and did not write it."""
        document = self.get_object(request, object_id)
        if document is None or document.state != DocumentState.DRAFT:
            return False
        user = signed_in(request)
        return publishes(user) and not document.editors.filter(user=user).exists()

    @action(description=_("发布"), permissions=["publish"], url_path="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the document to everybody."""
        document = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            services.publish_document(document, by=signed_in(request))
            return reverse("admin:policies_policydocument_change", args=[document.pk])

        return step_page(
            self, request, document, Step(_("发布文件"), CommentForm, perform, _("文件已发布。"))
        )
