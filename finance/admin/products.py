"""Products and their versions: drafts are edited, transitions are buttons, what is published is sentences."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from enterprises.services import load_catalogue
from finance.admin.banks import KeptByTheOffice
from finance.admin.forms import CommentForm, NewProductForm, ProductVersionForm, ReasonForm
from finance.keepers import may
from finance.models import CreditProduct, ProductVersion, ProductVersionEvent
from finance.models.vocabulary import ProductState
from finance.products import publishing, writing
from finance.products.comparing import conditions_of
from finance.products.wording import amount_words, rate_words, repayment_words, security_words
from finance.products.writing import content_of
from matching.parse import RuleErrors
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyInline
from portal.kernel.errors import DomainError
from portal.kernel.steps import Check, Step, named_row, step_page

COLOURS = {
    "draft": "info",
    "in_review": "warning",
    "published": "success",
    "superseded": "default",
    "withdrawn": "danger",
}
_PRODUCT = (_("产品"), {"fields": [("code", "bank"), "first_here"]})
_TEXT: list[tuple[Any, dict[str, Any]]] = [
    (_("内容"), {"fields": ["name", "summary", ("kind", "purposes"), "targets"]}),
    (_("额度、期限、利率"), {"fields": [
        ("amount_min_fen", "amount_max_fen"), "amount_note", ("term_min", "term_max"), "term_note",
        ("rate_low", "rate_high"), "rate_note", "fee_note",
    ]}),
    (_("怎么借"), {"fields": [
        ("securities", "repayments"), "security_note", "materials", ("answer_days", "speed_note"), "channel",
    ]}),
    (_("准入条件"), {"fields": ["conditions", "conditions_note"]}),
    (_("出处"), {"fields": [("source", "source_year"), "caution", "is_example", "seen"]}),
]  # fmt: skip
_SHOWN: list[tuple[Any, dict[str, Any]]] = [
    (_("内容"), {"fields": ["name", "summary", ("kind", "shown_offer"), "targets"]}),
    (_("怎么借"), {"fields": ["shown_ways", "materials", ("answer_days", "speed_note"), "channel"]}),
    (_("准入条件"), {"fields": ["sentences", "conditions_note"]}),
    (_("出处"), {"fields": [("source", "source_year"), "caution", "is_example"]}),
]
_STANDING = (
    _("状态"),
    {"fields": [("shown_product", "number"), ("state", "edited_by"), ("published_by", "published_at")]},
)


class VersionInline(ReadOnlyInline):
    """All versions of a product, newest first."""

    model = ProductVersion
    hide_title = True
    show_change_link = True
    fields = ["name", "number", "state", "edited_by", "published_by", "published_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductVersion]:
        return super().get_queryset(request).select_related("edited_by", "published_by", "product__rule")


class VersionEventInline(EventInline):
    model = ProductVersionEvent


@admin.register(CreditProduct)
class CreditProductAdmin(KeptByTheOffice, ModelAdmin):
    """New products begin as a version; here they go on."""

    list_display = ["code", "shown_name", "bank", "first_here", "created_at"]
    list_filter = ["bank", "first_here"]
    list_select_related = ["bank", "rule"]
    search_fields = ["code", "rule__label", "bank__short"]
    fields = ["code", "bank", "first_here", ("created_by", "created_at")]
    readonly_fields = ["code", "bank", "created_by", "created_at"]
    inlines = [VersionInline]
    actions_detail = ["new_version"]

    @display(description=_("名称"), ordering="rule__label")
    def shown_name(self, product: CreditProduct) -> str:
        """What the product is called today."""
        return product.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditProduct]:
        """With the rule, whose label is the name."""
        return super().get_queryset(request).select_related("rule", "bank")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_draft_permission(self, request: HttpRequest, object_id: str) -> bool:
        """The office's editors."""
        return may(signed_in(request), Role.EDITOR)

    @action(description=_("编写新版本"), permissions=["draft"], url_path="new-version")
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A draft that begins as the version that is published, else as the latest."""
        product = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            versions = product.versions.select_related("rule_version")
            begins = versions.filter(state=ProductState.PUBLISHED).first() or versions.first()
            if begins is None:
                raise DomainError(_now("产品还没有版本。"), code="no_version")
            version = writing.start_version(product, content_of(begins), by=signed_in(request))
            return reverse("admin:finance_productversion_change", args=[version.pk])

        warns = _(
            "将按现行版本的内容建立草稿。改好、提交并由另一位同事发布后，替代现行版本；已受理的贷款按原版。"
        )
        step = Step(_("编写新版本"), Form, perform, _("已建立草稿。"), warns=warns)
        return step_page(self, request, product, step)


@admin.register(ProductVersion)
class ProductVersionAdmin(KeptByTheOffice, ModelAdmin):
    """One version at a time; adding one here makes a new product with its first draft."""

    list_display = ["name", "code", "bank", "number", "shown_state", "shown_offer", "published_at"]
    list_filter = ["state", "kind", "product__bank", "is_example"]
    list_select_related = ["product__bank"]
    search_fields = ["name", "product__code", "product__bank__short"]
    ordering = ["-pk"]
    inlines = [VersionEventInline]
    readonly_fields = ["shown_product", "number", "state", "edited_by", "published_by", "published_at"]
    actions_detail = ["submit", "publish", "return_to_draft", "withdraw"]
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}

    @display(description=_("状态"), label=COLOURS)
    def shown_state(self, version: ProductVersion) -> tuple[str, str]:
        """The state as a coloured label."""
        return version.state, version.get_state_display()

    @display(description=_("编码"), ordering="product__code")
    def code(self, version: ProductVersion) -> str:
        return version.product.code

    @display(description=_("银行"), ordering="product__bank__short")
    def bank(self, version: ProductVersion) -> str:
        return version.product.bank.short

    @display(description=_("额度与利率"))
    def shown_offer(self, version: ProductVersion) -> str:
        """Amount and rate in words."""
        return f"{amount_words(version)} · {rate_words(version)}"

    @display(description=_("担保与还款"))
    def shown_ways(self, version: ProductVersion) -> str:
        """Securities and repayments in words."""
        return f"{security_words(version.securities)}；{repayment_words(version.repayments) or '—'}"

    @display(description=_("产品"))
    def shown_product(self, version: ProductVersion) -> str:
        """Link to the product."""
        address = reverse("admin:finance_creditproduct_change", args=[version.product_id])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, version.product)

    @display(description=_("准入条件"))
    def sentences(self, version: ProductVersion) -> str:
        """The conditions as nested Chinese sentences, or why they are none."""
        try:
            sentence = conditions_of(version, load_catalogue())
        except RuleErrors as error:
            return "；".join(one.message for one in error.errors)
        return render_to_string("admin/sentences.html", {"sentence": sentence}) if sentence else "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductVersion]:
        return super().get_queryset(request).select_related("product__rule", "product__bank", "rule_version")

    def get_form(self, request: HttpRequest, obj: ProductVersion | None = None, **kwargs: Any) -> Any:
        kwargs["form"] = NewProductForm if obj is None else ProductVersionForm
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["fields"] = []
        else:
            kwargs["fields"] = list(writing.TEXT_FIELDS)
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ProductVersion | None = None) -> Any:
        if obj is None:
            return [_PRODUCT, *_TEXT]
        if self.has_change_permission(request, obj):
            return [*_TEXT, _STANDING]
        left = [("withdrawal_reason",)] if obj.withdrawal_reason else []
        label, options = _STANDING
        return [*_SHOWN, (label, {"fields": [*options["fields"], *left]})]

    def get_readonly_fields(self, request: HttpRequest, obj: ProductVersion | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.readonly_fields
        return [*self.readonly_fields, "sentences", "shown_offer", "shown_ways", "withdrawal_reason"]

    def get_inlines(self, request: HttpRequest, obj: ProductVersion | None) -> list[Any]:
        return [] if obj is None else list(self.inlines)

    def save_model(self, request: HttpRequest, obj: ProductVersion, form: Any, change: bool) -> None:
        """Through the services, so that the editor is recorded and the conditions move with the text."""
        cleaned = form.cleaned_data
        if change:
            writing.revise(obj, form.content(), seen=cleaned["seen"], by=signed_in(request))
            return
        created = writing.create_product(
            cleaned["code"],
            cleaned["bank"],
            form.content(),
            by=signed_in(request),
            first_here=cleaned["first_here"],
        )
        obj.__dict__.update(created.__dict__)

    def has_change_permission(self, request: HttpRequest, obj: ProductVersion | None = None) -> bool:
        """A draft, by the office's editors."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.state == ProductState.DRAFT)

    def has_submit_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, ProductState.DRAFT, Role.EDITOR)

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, ProductState.IN_REVIEW, Role.PUBLISHER)

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, ProductState.PUBLISHED, Role.PUBLISHER)

    def _may(self, request: HttpRequest, object_id: str, state: ProductState, role: Role) -> bool:
        version = self.get_object(request, object_id)
        return version is not None and version.state == state and may(signed_in(request), role)

    @action(description=_("提交发布"), permissions=["submit"], url_path="submit")
    def submit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Hand the draft to whoever publishes."""
        return self._step(request, object_id, "submit")

    @action(description=_("发布"), permissions=["publish"], url_path="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the product say this from now on."""
        return self._step(request, object_id, "publish")

    @action(description=_("退回修改"), permissions=["publish"], url_path="return")
    def return_to_draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the version back, saying why."""
        return self._step(request, object_id, "return")

    @action(description=_("下架"), permissions=["withdraw"], url_path="withdraw")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the version off the shelf."""
        return self._step(request, object_id, "withdraw")

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        version = named_row(self, request, object_id)
        title, form, done, warns = _STEPS[name]

        def perform(cleaned: dict[str, Any]) -> str:
            _perform(name, version, signed_in(request), cleaned["reason"])
            return reverse("admin:finance_productversion_change", args=[version.pk])

        checks: tuple[Check, ...] = ()
        if name in ("submit", "publish"):
            checks = (Check(_now("内容齐全，条件能解析"), tuple(publishing.problems(version))),)
        return step_page(self, request, version, Step(title, form, perform, done, checks, warns))


_STEPS: dict[str, tuple[Any, Any, Any, Any]] = {
    "submit": (
        _("提交发布"),
        CommentForm,
        _("已提交，请由另一位同事发布。"),
        _("提交后不能再改，除非发布人退回。"),
    ),
    "publish": (
        _("发布"),
        CommentForm,
        _("已发布，企业现在看到的是这一版。"),
        _("发布后不能再改；现行版本被替代，已受理的贷款仍按原版。"),
    ),
    "return": (_("退回修改"), ReasonForm, _("已退回。"), ""),
    "withdraw": (_("下架"), ReasonForm, _("已下架。"), _("下架后不能恢复，要再上架须编写新版本。")),
}


def _perform(name: str, version: ProductVersion, user: Any, reason: str) -> None:
    match name:
        case "submit":
            publishing.submit(version, by=user, comment=reason)
        case "publish":
            publishing.publish(version, by=user, comment=reason)
        case "return":
            publishing.return_to_draft(version, by=user, reason=reason)
        case "withdraw":
            publishing.withdraw(version, by=user, reason=reason)
