"""Money to be looked at, budget lines to be kept: payments are made at the desk, books by the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from policies.admin.links import link
from policies.models import (
    Award,
    BatchSignature,
    BudgetLine,
    Correction,
    CorrectionEvent,
    Freeze,
    InstructionDelivery,
    InstructionFile,
    MoneyInvariant,
    PayeeAccount,
    Payment,
    PaymentBatch,
    PaymentBatchEvent,
    PaymentEvent,
    ReturnFile,
    ReturnFileEvent,
    Transfer,
)
from policies.money.duties import STOPPING
from policies.money.invariants import MEANINGS
from portal.accounts.models import Department
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.money import exact_money

OVERSEEING = (Role.SUPERVISOR, Role.AUDIT_ADMIN)
"""Who looks at the money of all departments."""
SEEING = (*STOPPING, *OVERSEEING)


class OfMoney(ReadOnlyAdmin):
    """Rows of money, for who pays, leads or audits: nobody adds, changes or deletes here.

    Who pays or leads sees what is of their department by one of the `paths` to it, as at the payment desk;
    without any path it is everybody's. `shared` are rows of no department.
    """

    list_select_related: list[str] = []
    paths: tuple[str, ...] = ()
    shared: Q | None = None
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not for everybody who may look at policies."""
        user = signed_in(request)
        may_see = user.is_superuser or any(user.has_role(role) for role in SEEING)
        return may_see and bool(super().has_view_permission(request, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of departments that concern the user, with what lists and pages name."""
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        user = signed_in(request)
        overseeing = user.is_superuser or any(user.has_role(role) for role in OVERSEEING)
        if not self.paths or overseeing:
            return rows
        own = {pk for role in STOPPING for pk in user.departments_as(role)}
        concerned = self.shared or Q(pk__in=[])
        for path in self.paths:
            concerned |= Q(**{f"{path}__in": own})
        return rows.filter(pk__in=self.model._base_manager.filter(concerned).values("pk"))

    @display(description=_("金额"), ordering="amount_fen")
    def amount(self, row: Any) -> str:
        """To the fen."""
        return exact_money(row.amount_fen)

    @display(description=_("合计"), ordering="total_fen")
    def total(self, row: Any) -> str:
        """To the fen."""
        return exact_money(row.total_fen)


class BatchEventInline(EventInline):
    model = PaymentBatchEvent
    words = {"draft": _("起草"), "add": _("加入拨付"), "drop": _("移出")}


class PaymentEventInline(EventInline):
    model = PaymentEvent
    words = {"prepare": _("加入批次")}


class ReturnFileEventInline(EventInline):
    model = ReturnFileEvent


class CorrectionEventInline(EventInline):
    model = CorrectionEvent


class SignatureInline(ReadOnlyInline):
    """Who signed what."""

    model = BatchSignature
    fields = ["round", "step", "by", "at", "digest", "second_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class TransferInline(ReadOnlyInline):
    """How it was booked."""

    model = Transfer
    fields = ["kind", "amount_fen", "at"]


class DeliveryInline(ReadOnlyInline):
    """When it was put into the treasury's folder."""

    model = InstructionDelivery
    fields = ["at"]


@admin.register(BudgetLine)
class BudgetLineAdmin(ModelAdmin):
    """Budget lines: what is appropriated is written here, what is reserved and paid by the ledger alone."""

    list_display = ["code", "label", "year", "department", "appropriated", "reserved", "paid", "available"]
    list_filter = ["year", "department"]
    list_select_related = ["department"]
    search_fields = ["code", "label"]
    fields = ["code", "label", "year", "department", "items", "appropriated_fen", "reserved", "paid"]
    readonly_fields = ["reserved", "paid"]
    autocomplete_fields = ["items"]

    def has_change_permission(self, request: HttpRequest, obj: BudgetLine | None = None) -> bool:
        """A department's leader keeps its budget."""
        user = signed_in(request)
        own = obj is None or user.is_superuser or user.has_role(Role.LEADER, obj.department_id)
        return own and bool(super().has_change_permission(request, obj))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> BudgetLine | None:
        """Held while it is being changed: a release waits, and the form is compared with what it left."""
        line: BudgetLine | None = super().get_object(request, object_id, from_field)
        if line is not None and request.method == "POST":
            line = BudgetLine.objects.select_for_update(no_key=True).get(pk=line.pk)
        return line

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of departments those that the user leads."""
        user = signed_in(request)
        if db_field.name == "department" and not user.is_superuser:
            kwargs["queryset"] = Department.objects.filter(pk__in=user.departments_as(Role.LEADER))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("下达"), ordering="appropriated_fen")
    def appropriated(self, line: BudgetLine) -> str:
        """To the fen."""
        return exact_money(line.appropriated_fen)

    @display(description=_("在途"), ordering="reserved_fen")
    def reserved(self, line: BudgetLine) -> str:
        """To the fen."""
        return exact_money(line.reserved_fen)

    @display(description=_("已支付"), ordering="paid_fen")
    def paid(self, line: BudgetLine) -> str:
        """To the fen."""
        return exact_money(line.paid_fen)

    @display(description=_("余额"))
    def available(self, line: BudgetLine) -> str:
        """To the fen."""
        return exact_money(line.available_fen)


@admin.register(PayeeAccount)
class PayeeAccountAdmin(OfMoney):
    """Accounts as they were given, numbers by their last digits."""

    list_display = ["enterprise", "holder", "bank", "masked", "given_at", "found"]
    list_select_related = ["enterprise", "finding"]
    list_filter = ["finding__outcome"]
    search_fields = ["enterprise__name", "holder"]
    date_hierarchy = "given_at"
    fields = readonly_fields = [*list_display, "given_by"]

    @display(description=_("账号"))
    def masked(self, account: PayeeAccount) -> str:
        """Its last four digits."""
        return account.masked

    @display(description=_("户名核对"))
    def found(self, account: PayeeAccount) -> str:
        """What an official found."""
        finding = getattr(account, "finding", None)
        return str(finding.get_outcome_display()) if finding else "—"


@admin.register(Award)
class AwardAdmin(OfMoney):
    """What is owed, and why."""

    paths = ("item__department", "item__budget_lines__department")
    list_display = ["id", "enterprise", "title", "period", "amount", "source", "made_at"]
    list_select_related = ["enterprise", "version", "made_by"]
    list_filter = ["source", "period"]
    search_fields = ["enterprise__name", "enterprise__uscc", "version__title"]
    date_hierarchy = "made_at"
    fields = readonly_fields = [*list_display, "exclusivity_group", "evidence", "digest", "made_by"]

    @display(description=_("事项"))
    def title(self, award: Award) -> str:
        """Of the version that it was made by."""
        return award.version.title


@admin.register(PaymentBatch)
class PaymentBatchAdmin(OfMoney):
    """Batches with who signed them."""

    paths = ("line__department",)
    list_display = ["number", "title", "line", "state", "count", "total", "released_at"]
    list_select_related = ["line", "prepared_by", "confirmed_by", "released_by"]
    list_filter = ["state", "line__year"]
    search_fields = ["number", "title"]
    date_hierarchy = "drafted_at"
    fields = ["desk", *list_display, "round", "digest", "prepared_by", "confirmed_by", "released_by"]
    readonly_fields = fields
    inlines = [BatchEventInline, SignatureInline]

    @display(description=_("拨付台"))
    def desk(self, batch: PaymentBatch) -> str:
        """Where it is worked on."""
        return link(batch.get_absolute_url(), _("到拨付台打开"))


@admin.register(Payment)
class PaymentAdmin(OfMoney):
    """Payments with their way and how they were booked."""

    paths = ("line__department",)
    list_display = ["id", "enterprise", "batch", "amount", "state", "sent_at", "settled_at"]
    list_select_related = ["enterprise", "batch", "account", "award"]
    list_filter = ["state"]
    search_fields = ["=id", "enterprise__name", "batch__number"]
    fields = readonly_fields = [*list_display, "award", "account", "reason"]
    inlines = [PaymentEventInline, TransferInline]


@admin.register(Freeze)
class FreezeAdmin(OfMoney):
    """What was stopped, and let go on."""

    paths, shared = ("line__department", "batch__line__department"), Q(line=None, batch=None)
    list_display = ["reason", "line", "batch", "by", "at", "thaw_asked_by", "thawed_by", "thawed_at"]
    list_select_related = ["line", "batch", "by", "thaw_asked_by", "thawed_by"]
    list_filter = [("thawed_at", admin.EmptyFieldListFilter)]
    fields = readonly_fields = [*list_display, "thaw_asked_at"]


class FileAdmin(OfMoney):
    """Files without their bytes: those are handed out at the payment desk."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")


@admin.register(InstructionFile)
class InstructionFileAdmin(FileAdmin):
    """What the treasury was told."""

    paths = ("batch__line__department",)
    list_display = ["number", "batch", "format", "count", "total", "written_at", "delivered_at"]
    list_select_related = ["batch"]
    list_filter = [("delivered_at", admin.EmptyFieldListFilter)]
    search_fields = ["number", "batch__number"]
    fields = readonly_fields = [*list_display, "sha256"]
    inlines = [DeliveryInline]


@admin.register(ReturnFile)
class ReturnFileAdmin(FileAdmin):
    """What the treasury said."""

    paths, shared = ("instruction__batch__line__department",), Q(instruction=None)
    list_display = ["name", "number", "instruction", "state", "via", "by", "received_at"]
    list_select_related = ["instruction", "by"]
    list_filter = ["state", "via"]
    search_fields = ["number", "name", "instruction__number"]
    fields = readonly_fields = [*list_display, "confirmed_by", "confirmed_at", "sha256", "reasons"]
    inlines = [ReturnFileEventInline]


@admin.register(Correction)
class CorrectionAdmin(OfMoney):
    """Overpaid and underpaid."""

    paths = ("award__item__department", "award__payments__line__department")
    list_display = ["award", "kind", "amount", "state", "proposed_at", "decided_by", "decided_at"]
    list_select_related = ["award", "decided_by"]
    list_filter = ["kind", "state"]
    fields = readonly_fields = [*list_display, "reason", "recovered_at", "evidence"]
    inlines = [CorrectionEventInline]


@admin.register(MoneyInvariant)
class MoneyInvariantAdmin(OfMoney):
    """Figures that must always hold, as the database has them now."""

    list_display = ["meaning", "broken", "detail"]
    list_display_links = None
    ordering = ["-broken", "name"]

    @display(description=_("项目"))
    def meaning(self, figure: MoneyInvariant) -> str:
        """What must hold."""
        return str(MEANINGS.get(figure.name, figure.name))
