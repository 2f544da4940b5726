"""Versions: drafts are edited, transitions are buttons, what is published is shown in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.explaining.amount_sentences import describe_amount
from matching.explaining.sentences import Sentence, describe
from matching.parse import RuleErrors
from matching.tree import RuleTree
from policies import checklist, services
from policies.access import may
from policies.admin.documents import STATE_COLOURS
from policies.admin.forms import CommentForm, NewItemForm, ReasonForm, VersionForm
from policies.admin.links import link
from policies.enums import VersionState
from policies.models import ItemVersion, ItemVersionEvent, Push, VersionSource
from policies.push_day import after_publishing, before_publishing
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyInline
from portal.kernel.money import format_money
from portal.kernel.steps import Step, named_row, step_page

_ITEM = (_("事项"), {"fields": ["code", "department", "co_departments"]})
_HANDLING, _MONEY, _ADAPTED = _("办理"), _("资金"), _("改编示例")
_TEXT: list[tuple[Any, dict[str, Any]]] = [
    (_("内容"), {"fields": ["title", "summary", "gain", ("benefit", "mode"), "where"]}),
    (_("范围"), {"fields": [("level", "region"), "topics", "targets"]}),
    (_("时间"), {"fields": [("window_from", "window_to"), "window_note"]}),
    (_HANDLING, {"fields": ["materials", "steps", ("handling_workdays", "handling_note"), "contacts"]}),
    (_MONEY, {"fields": [("budget_fen", "quota"), ("exclusivity_group", "grants")]}),
    (_ADAPTED, {"fields": ["adapted_from"]}),
]
_SHOWN: dict[Any, list[Any]] = {
    _HANDLING: ["shown_materials", "shown_steps", ("handling_workdays", "handling_note"), "shown_contacts"],
    _MONEY: [("shown_budget", "quota"), ("exclusivity_group", "grants")],
    _ADAPTED: ["shown_origin"],
}
"""Fields of a group where a version is only looked at, if they differ."""
_RULE = (
    _("规则"),
    {
        "fields": [
            ("valid_from", "valid_to"),
            ("reference_year", "event_fact"),
            "governing_date",
            "conditions",
            "amount",
            "examples",
        ]
    },
)
_STANDING = (
    _("状态"),
    {"fields": [("shown_item", "number"), ("state", "edited_by"), ("published_by", "published_at")]},
)


class SourceInline(TabularInline):
    """Which clauses of which documents a version comes from."""

    model = VersionSource
    hide_title = True
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextInputWidget}}
    autocomplete_fields = ["document"]
    fields = ["document", "clause", "basis", "note", "position"]

    def has_change_permission(self, request: HttpRequest, obj: ItemVersion | None = None) -> bool:
        return (obj is None or obj.state == VersionState.DRAFT) and super().has_change_permission(
            request, obj
        )

    def get_extra(self, request: HttpRequest, obj: ItemVersion | None = None, **kwargs: Any) -> int:
        """A new item starts with a line for its first source: without one it cannot be published."""
        return 1 if obj is None else 0

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


class VersionEventInline(EventInline):
    model = ItemVersionEvent


class PushInline(ReadOnlyInline):
    """Who was told, as a list of tellings."""

    model = Push
    hide_title = True
    fields = ["kind", "state", "total", "done", "told", "page"]

    @display(description=_("进度"))
    def page(self, push: Push) -> str:
        """Link to the page that shows the progress."""
        return link(push.get_absolute_url(), _("查看"))


@admin.register(ItemVersion)
class ItemVersionAdmin(ModelAdmin):
    """One version at a time; adding one here makes a new item with its first draft."""

    list_display = [
        "title",
        "code",
        "number",
        "shown_state",
        "department",
        "mode",
        "window_to",
        "published_at",
    ]
    list_filter = ["state", "mode", "benefit", "level", "item__department"]
    list_select_related = ["item__department"]
    search_fields = ["title", "item__code"]
    ordering = ["-pk"]
    inlines = [SourceInline, VersionEventInline, PushInline]
    readonly_fields = ["shown_item", "number", "state", "edited_by", "published_by", "published_at"]
    actions_detail = ["submit", "publish", "return_to_draft", "withdraw"]
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}

    @display(description=_("状态"), label=STATE_COLOURS)
    def shown_state(self, version: ItemVersion) -> tuple[str, str]:
        """The state as a coloured label."""
        return version.state, version.get_state_display()

    @display(description=_("编码"), ordering="item__code")
    def code(self, version: ItemVersion) -> str:
        return version.item.code

    @display(description=_("部门"), ordering="item__department")
    def department(self, version: ItemVersion) -> str:
        return version.item.department.short_name

    @display(description=_("事项"))
    def shown_item(self, version: ItemVersion) -> str:
        """Link to the item."""
        address = reverse("admin:policies_policyitem_change", args=[version.item_id])
        return link(address, version.item)

    @display(description=_("条件"))
    def sentences(self, version: ItemVersion) -> str:
        """The conditions as nested Chinese sentences, or why they are none."""
        return _read(version, describe)

    @display(description=_("奖补标准"))
    def shown_amount(self, version: ItemVersion) -> str:
        """The amount as nested Chinese sentences, or why it is none."""
        return _read(version, describe_amount)

    @display(description=_("材料"))
    def shown_materials(self, version: ItemVersion) -> str:
        """Their names, a line each."""
        return _lines(material["name"] for material in version.materials)

    @display(description=_("流程"))
    def shown_steps(self, version: ItemVersion) -> str:
        """A line each."""
        return _lines(version.steps)

    @display(description=_("咨询"))
    def shown_contacts(self, version: ItemVersion) -> str:
        """Name and telephone, a line each."""
        return _lines(f"{one['name']} {one.get('phone') or ''}" for one in version.contacts)

    @display(description=_("改编自"))
    def shown_origin(self, version: ItemVersion) -> str:
        """Where an adapted item comes from, a line each."""
        origin = version.adapted_from or {}
        return _lines(origin[key] for key in ("label", "place", "document", "note") if origin.get(key))

    @display(description=_("预算"))
    def shown_budget(self, version: ItemVersion) -> str:
        """The budget as people read it."""
        return "—" if version.budget_fen is None else format_money(version.budget_fen)

    @display(description=_("样例"))
    def shown_examples(self, version: ItemVersion) -> str:
        """The examples with what they come out as."""
        try:
            results = checklist.example_results(version, checklist.parse(version))
        except RuleErrors:
            return "—"
        return render_to_string("admin/policies/examples.html", {"results": results})

    @display(description=_("有效期"))
    def shown_period(self, version: ItemVersion) -> str:
        """First and last day."""
        valid = version.rule_version.valid
        if not valid:
            return "—"
        if valid.upper is None:
            return _("%(first)s 起，长期") % {"first": valid.lower}
        return _("%(first)s 至 %(last)s") % {"first": valid.lower, "last": valid.upper - dt.timedelta(days=1)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemVersion]:
        return super().get_queryset(request).select_related("item__department", "item__rule", "rule_version")

    def get_form(self, request: HttpRequest, obj: ItemVersion | None = None, **kwargs: Any) -> Any:
        """Adding makes an item; a version that is only looked at needs no form of its own."""
        kwargs["form"] = NewItemForm if obj is None else VersionForm
        kwargs["fields"] = None
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs.pop("form")
            kwargs["fields"] = []
        form = super().get_form(request, obj, **kwargs)
        form.user = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: ItemVersion | None = None) -> Any:
        if obj is None:
            return [_ITEM, *_TEXT, _RULE]
        if self.has_change_permission(request, obj):
            said = (_("规则读作"), {"fields": ["sentences", "shown_amount"]})
            title, rule = _RULE
            moved = ["move_examples"] if obj.rule_version.reference_year else []
            return [_STANDING, *_TEXT, (title, {"fields": [*rule["fields"], *moved]}), said]
        shown = (_("规则"), {"fields": ["shown_period", "sentences", "shown_amount", "shown_examples"]})
        text = [(title, {"fields": _SHOWN.get(title, said["fields"])}) for title, said in _TEXT]
        if obj.adapted_from is None:
            text.pop()
        withdrawn = (_("撤回"), {"fields": ["withdrawal_reason"]})
        return [_STANDING, *([withdrawn] if obj.withdrawal_reason else ()), *text, shown]

    def get_readonly_fields(self, request: HttpRequest, obj: ItemVersion | None = None) -> Any:
        fields = [*self.readonly_fields, "sentences", "shown_amount"]
        if obj is not None and not self.has_change_permission(request, obj):
            fields += ["shown_period", "shown_examples", "withdrawal_reason"]
            fields += ["shown_materials", "shown_steps", "shown_contacts", "shown_budget", "shown_origin"]
        return fields

    def get_inlines(self, request: HttpRequest, obj: ItemVersion | None) -> list[Any]:
        return [SourceInline] if obj is None else list(self.inlines)

    def save_model(self, request: HttpRequest, obj: ItemVersion, form: Any, change: bool) -> None:
        """Through the services, so that the editor is recorded and the rule moves with the text."""
        if change:
            services.revise(obj, form.content(), by=signed_in(request))
            return
        cleaned = form.cleaned_data
        created = services.create_item(
            cleaned["code"],
            cleaned["department"],
            form.content(),
            by=signed_in(request),
            co_departments=cleaned["co_departments"],
        )
        obj.__dict__.update(created.__dict__)

    def has_change_permission(self, request: HttpRequest, obj: ItemVersion | None = None) -> bool:
        """A draft, by the editors of its department."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return obj.state == VersionState.DRAFT and may(signed_in(request), Role.EDITOR, obj.item.department)

    def has_delete_permission(self, request: HttpRequest, obj: ItemVersion | None = None) -> bool:
        return False

    def has_submit_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, VersionState.DRAFT, Role.EDITOR)

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, VersionState.IN_REVIEW, Role.PUBLISHER)

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, VersionState.PUBLISHED, Role.PUBLISHER)

    def _may(self, request: HttpRequest, object_id: str, state: VersionState, role: Role) -> bool:
        version = self.get_object(request, object_id)
        if version is None or version.state != state:
            return False
        return may(signed_in(request), role, version.item.department)

    @action(description=_("提交发布"), permissions=["submit"], url_path="submit")
    def submit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Hand the draft to whoever publishes."""
        return self._step(request, object_id, "submit")

    @action(description=_("发布"), permissions=["publish"], url_path="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put the version in force and watch the push."""
        return self._step(request, object_id, "publish")

    @action(description=_("退回修改"), permissions=["publish"], url_path="return")
    def return_to_draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the version back, saying why."""
        return self._step(request, object_id, "return")

    @action(description=_("撤回"), permissions=["withdraw"], url_path="withdraw")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the version back and tell those who were told."""
        return self._step(request, object_id, "withdraw")

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        version = named_row(self, request, object_id)
        title, form, done, warns = _STEPS[name]

        def perform(cleaned: dict[str, Any]) -> str:
            _perform(name, version, signed_in(request), cleaned["reason"])
            push = version.pushes.first() if name in ("publish", "withdraw") else None
            if push is not None:
                return push.get_absolute_url()
            return reverse("admin:policies_itemversion_change", args=[version.pk])

        if name == "publish":
            today = timezone.localdate()
            done, warns = after_publishing(version, today), before_publishing(version, today)
        checks = checklist.checklist(version) if name in ("submit", "publish") else ()
        if name == "withdraw":
            warns = f"{warns}{checklist.after_withdrawal(version)}"
        return step_page(self, request, version, Step(title, form, perform, done, checks, warns))


_STEPS: dict[str, tuple[Any, Any, Any, Any]] = {  # what publishing does, its dates say: `policies.push_day`
    "submit": (
        _("提交发布"),
        CommentForm,
        _("已提交，请由另一位同事发布。"),
        _("提交后不能再改，除非发布人退回。"),
    ),
    "publish": (
        _("发布"),
        CommentForm,
        "",
        "",
    ),
    "return": (_("退回修改"), ReasonForm, _("已退回。"), ""),
    "withdraw": (
        _("撤回"),
        ReasonForm,
        _("已撤回，正在告知收到过推送的企业。"),
        _("撤回后不能恢复。原因会原样告知收到过推送的企业。"),
    ),
}


def _perform(name: str, version: ItemVersion, user: Any, reason: str) -> None:
    match name:
        case "submit":
            services.submit(version, by=user, comment=reason)
        case "publish":
            services.publish(version, by=user, comment=reason)
        case "return":
            services.return_to_draft(version, by=user, reason=reason)
        case "withdraw":
            services.withdraw(version, by=user, reason=reason)


def _lines(texts: Iterable[str]) -> str:
    return format_html_join(mark_safe("<br>"), "{}", ((text,) for text in texts)) or "—"


def _read(version: ItemVersion, describing: Callable[[RuleTree, Catalogue], Sentence | None]) -> str:
    try:
        sentence = describing(checklist.parse(version), load_catalogue())
    except RuleErrors as error:
        return "；".join(one.message for one in error.errors)
    return render_to_string("admin/sentences.html", {"sentence": sentence}) if sentence else "—"
