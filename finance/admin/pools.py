"""Risk pools: the office opens them and says who takes part; all else is done at desks and looked at here.

What a pool stands for and what is in it the ledger writes alone; money is put in at the department's desk.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from finance.admin.banks import KeptByTheOffice
from finance.admin.columns import fen, link
from finance.admin.forms import several
from finance.models import (
    PoolAdmission,
    PoolClaim,
    PoolClaimEvent,
    PoolFuse,
    PoolInvariant,
    PoolRecovery,
    PoolSource,
    PoolTransfer,
    RiskPool,
    RiskPoolEvent,
)
from finance.models.vocabulary import LoanPurpose
from finance.pools.desk.ledger import JOINED, cause
from finance.pools.duties import READING
from finance.pools.invariants import MEANINGS
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.admin_fields import FenField
from portal.kernel.money import exact_money

OVERSEEING: Final = (Role.SUPERVISOR, Role.AUDIT_ADMIN)
"""Who looks at the pools of all departments."""
_SUMS: Final = ["capital", "balance", "capacity", "used", "bad"]


class PoolForm(forms.ModelForm):
    """The terms of a pool; what it stands for already has to stay within its capacity."""

    purposes = several(_("纳入用途"), LoanPurpose.choices)
    firm_cap_fen = FenField(
        unit="万元",
        label=_("单户上限"),
        required=False,
        help_text=_("一家企业在池贷款合计，如 1000 万元；不填不限。"),
    )

    class Meta:
        model = RiskPool
        fields = [
            *("code", "name", "department", "banks"),
            *("leverage", "bank_share", "guarantee_share", "fuse_rate"),
            *("firm_cap_fen", "most_months", "products", "purposes", "objection_days"),
            "claim_days",
        ]
        help_texts = {"fuse_rate": _("不良率一超过这条线，资金池马上停止受理新贷款。")}

    def clean_leverage(self) -> Any:
        """Raises ValidationError where the capacity would fall below what is used; the pool's row is held."""
        leverage, pool = self.cleaned_data["leverage"], self.instance
        if pool.pk and int(pool.capital_fen * leverage) < pool.used_fen:
            raise ValidationError(
                _("已用 %(used)s，放大倍数降到这里容量就不够了；请先等贷款出池。"),
                code="below_used",
                params={"used": exact_money(pool.used_fen)},
            )
        return leverage


class SourceInline(ReadOnlyInline):
    """Money put in and taken out; it is registered at the department's desk."""

    model = PoolSource
    fields = ["name", "amount", "note", "by", "at"]
    amount = fen("amount_fen", _("金额"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PoolSource]:
        return super().get_queryset(request).select_related("by")


class FuseInline(ReadOnlyInline):
    """When it stopped, and who opened it again."""

    model = PoolFuse
    fields = ["at", "bad", "used", "fuse_rate", "asked_by", "reason", "reopened_by", "reopened_at"]
    bad, used = fen("bad_fen", _("当时不良")), fen("used_fen", _("当时已用"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PoolFuse]:
        return super().get_queryset(request).select_related("asked_by", "reopened_by")


class PoolEventInline(EventInline):
    model = RiskPoolEvent


@admin.register(RiskPool)
class RiskPoolAdmin(KeptByTheOffice, ModelAdmin):
    """Pools: terms and banks are kept here, figures by the ledger."""

    form = PoolForm
    list_display = ["name", "code", "department", "state", "capacity", "used", "balance", "bad", "is_example"]
    list_filter = ["state", "department"]
    list_select_related = ["department"]
    search_fields = ["code", "name"]
    fields = [
        ("code", "department"),
        "name",
        "banks",
        ("leverage", "fuse_rate"),
        ("bank_share", "guarantee_share"),
        ("firm_cap_fen", "most_months"),
        ("objection_days", "claim_days"),
        "purposes",
        "products",
        ("state", "desk"),
        ("capital", "balance"),
        ("capacity", "used"),
        "bad",
    ]
    readonly_fields = ["state", "desk", *_SUMS]
    autocomplete_fields = ["banks", "products"]
    inlines = [SourceInline, FuseInline, PoolEventInline]
    capital = fen("capital_fen", _("资本金"))
    balance = fen("balance_fen", _("余额"))
    capacity = fen("capacity_fen", _("总容量"))
    used = fen("used_fen", _("已用"))
    bad = fen("bad_fen", _("不良"))

    def get_readonly_fields(self, request: HttpRequest, obj: RiskPool | None = None) -> Any:
        """A code, once given, stands in addresses."""
        return [*self.readonly_fields, "code"] if obj else self.readonly_fields

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> RiskPool | None:
        """Held while it is being changed: who asks for an admission waits, and the form sees what is used."""
        pool: RiskPool | None = super().get_object(request, object_id, from_field)
        if pool is not None and request.method == "POST":
            pool = RiskPool.objects.select_for_update(no_key=True).get(pk=pool.pk)
        return pool

    @display(description=_("金融服务台"))
    def desk(self, pool: RiskPool) -> str:
        """Where it is worked on."""
        if pool.pk is None:
            return "—"
        address = reverse("desk_pool", args=[pool.department_id, pool.code])
        return link(address, _("到服务台登记资金、办理代偿"))


class OfPools(ReadOnlyAdmin):
    """Rows of pools, for who works where the pool is run, or oversees all: nobody changes anything here.

    `pool` is the path to the pool.
    """

    pool = "pool"
    list_select_related: list[str] = []
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of pools that concern the user, with what lists and pages name."""
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        user = signed_in(request)
        if user.is_superuser or any(user.has_role(role) for role in OVERSEEING):
            return rows
        own = {pk for role in READING for pk in user.departments_as(role)}
        return rows.filter(**{f"{self.pool}__department__in": own})


@admin.register(PoolFuse)
class PoolFuseAdmin(OfPools):
    """Times in which a pool took nothing on."""

    list_display = ["pool", "at", "bad", "used", "fuse_rate", "asked_by", "reopened_by", "reopened_at"]
    list_select_related = ["pool", "asked_by", "reopened_by"]
    list_filter = ["pool", ("reopened_at", admin.EmptyFieldListFilter)]
    fields = readonly_fields = [*list_display, "asked_at", "reason", "told_at"]
    bad, used = fen("bad_fen", _("当时不良")), fen("used_fen", _("当时已用"))


@admin.register(PoolAdmission)
class PoolAdmissionAdmin(OfPools):
    """Loans that pools stand for, or did."""

    list_display = ["loan", "enterprise", "bank", "pool", "amount", "at", "bad", "released_at"]
    list_select_related = ["loan__enterprise", "bank", "pool", "by", "released_by"]
    list_filter = ["pool", "bad", "release_reason", "bank"]
    search_fields = ["loan__number", "loan__enterprise__name", "loan__enterprise__uscc"]
    date_hierarchy = "at"
    fields = readonly_fields = [
        *(*list_display, "by", "objection_until"),
        *("released_by", "release_reason", "objection"),
    ]
    amount = fen("amount_fen", _("金额"))

    @display(description=_("企业"))
    def enterprise(self, admission: PoolAdmission) -> str:
        """Whose loan it is."""
        return str(admission.loan.enterprise)


class ClaimEventInline(EventInline):
    model = PoolClaimEvent


class RecoveryInline(ReadOnlyInline):
    """What came back."""

    model = PoolRecovery
    fields = ["serial", "amount", "returned", "on", "at"]
    amount, returned = fen("amount_fen", _("追回金额")), fen("pool_fen", _("归还资金池"))


@admin.register(PoolClaim)
class PoolClaimAdmin(OfPools):
    """Claims with who signed them; documents are handed out at the department's desk."""

    pool = "admission__pool"
    list_display = ["number", "enterprise", "bank", "loss", "guarantee", "state", "filed_at", "paid_at"]
    list_select_related = [
        "admission__loan__enterprise",
        "admission__bank",
        "admission__pool",
        *(f"{step}_by" for step in ("filed", "reviewed", "approved", "paid")),
    ]
    list_filter = ["state", "admission__pool", "admission__bank"]
    search_fields = ["admission__loan__number", "admission__loan__enterprise__name", "serial"]
    date_hierarchy = "filed_at"
    fields = readonly_fields = [
        *("desk", *list_display, "guarantee_share", "borne", "words", "filed_by"),
        *("reviewed_by", "reviewed_at", "approved_by", "approved_at"),
        *("paid_by", "paid_on", "serial", "refusal"),
        *("recovered", "returned"),
    ]
    inlines = [ClaimEventInline, RecoveryInline]
    loss, guarantee = fen("loss_fen", _("本金损失")), fen("guarantee_fen", _("补偿金承担"))
    borne = fen("bank_fen", _("银行承担"))
    recovered, returned = fen("recovered_fen", _("已追回")), fen("returned_fen", _("已归还资金池"))

    @display(description=_("贷款编号"))
    def number(self, claim: PoolClaim) -> str:
        """Of the loan."""
        return claim.admission.loan.number

    @display(description=_("企业"))
    def enterprise(self, claim: PoolClaim) -> str:
        """Whose loan it is."""
        return str(claim.admission.loan.enterprise)

    @display(description=_("银行"))
    def bank(self, claim: PoolClaim) -> str:
        """Whose loss it is."""
        return str(claim.admission.bank)

    @display(description=_("金融服务台"))
    def desk(self, claim: PoolClaim) -> str:
        """Where it is worked on."""
        address = reverse("desk_pool_claim", args=[claim.admission.pool.department_id, claim.pk])
        return link(address, _("到服务台打开"))


@admin.register(PoolRecovery)
class PoolRecoveryAdmin(OfPools):
    """What came back of losses."""

    pool = "claim__admission__pool"
    list_display = ["serial", "number", "amount", "returned", "on", "by", "at"]
    list_select_related = ["claim__admission__loan", "by"]
    list_filter = ["claim__admission__pool"]
    search_fields = ["serial", "claim__admission__loan__number"]
    date_hierarchy = "on"
    fields = readonly_fields = list_display
    amount, returned = fen("amount_fen", _("追回金额")), fen("pool_fen", _("归还资金池"))

    @display(description=_("贷款编号"))
    def number(self, recovery: PoolRecovery) -> str:
        """Of the loan."""
        return recovery.claim.admission.loan.number


@admin.register(PoolTransfer)
class PoolTransferAdmin(OfPools):
    """The books, as the database has written them."""

    list_display = ["id", "pool", "kind", "amount", "because", "at"]
    list_select_related = ["pool", *JOINED]
    list_filter = ["pool", "kind"]
    date_hierarchy = "at"
    fields = readonly_fields = list_display
    amount = fen("amount_fen", _("金额"))

    @display(description=_("事由"))
    def because(self, transfer: PoolTransfer) -> str:
        """What it was for."""
        return cause(transfer)


@admin.register(PoolInvariant)
class PoolInvariantAdmin(ReadOnlyAdmin):
    """Figures that must always hold, as the database has them now."""

    list_display = ["meaning", "broken", "detail"]
    list_display_links = None
    ordering = ["-broken", "name"]

    @display(description=_("项目"))
    def meaning(self, figure: PoolInvariant) -> str:
        """What must hold."""
        return str(MEANINGS.get(figure.name, figure.name))
