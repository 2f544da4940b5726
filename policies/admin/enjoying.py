"""Lists of enterprises that need not apply, to be looked at, and when each item is run by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from policies.admin.links import link
from policies.enums import Benefit, Mode
from policies.models import (
    EnjoyCandidate,
    EnjoyNotice,
    EnjoyObjection,
    EnjoyPlan,
    EnjoyRun,
    EnjoyRunEvent,
    ItemVersion,
    PolicyItem,
)
from policies.reviewers import departments_of
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.money import format_money

OVERSEEING = (Role.SUPERVISOR, Role.AUDIT_ADMIN)


def seen_by(request: HttpRequest) -> QuerySet[EnjoyRun]:
    """What an official may look at here: their departments' lists, supervisors and auditors all."""
    user = signed_in(request)
    if user.is_superuser or any(user.has_role(role) for role in OVERSEEING):
        return EnjoyRun.objects.all()
    return EnjoyRun.objects.filter(item__department__in=departments_of(user))


class RunEventInline(EventInline):
    model = EnjoyRunEvent
    words = {
        "objection": _("收到异议"),
        "objection_answered": _("处理异议"),
        "notice_over": _("公示期满"),
    }


@admin.register(EnjoyRun)
class EnjoyRunAdmin(ReadOnlyAdmin):
    """Runs with what they found; their steps are taken at the desk."""

    list_display = [
        "version",
        "period",
        "state",
        "inside",
        "total",
        "started_at",
        "reviewed_by",
        "confirmed_by",
    ]
    list_filter = ["state", "period", "item__department"]
    list_select_related = ["version", "reviewed_by", "confirmed_by"]
    search_fields = ["version__title", "item__code", "digest"]
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = [
        "desk",
        "item",
        "version",
        "period",
        "state",
        "as_of",
        "known_at",
        "slot",
        "started_by",
        "started_at",
    ]
    fields += ["population", "undecided", "inside", "total", "digest", "reviewed_by", "reviewed_at"]
    fields += ["confirmed_by", "confirmed_at", "offered_at", "offer_until", "cancel_reason", "error"]
    readonly_fields = fields
    inlines = [RunEventInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of those that may be seen, counted."""
        found = super().get_queryset(request).filter(pk__in=seen_by(request).values("pk"))
        return found.counted().select_related("item", "version", "started_by", "reviewed_by", "confirmed_by")

    @display(description=_("入围"))
    def inside(self, run: Any) -> int:
        """How many are in, exclusions left out."""
        return int(run.inside)

    @display(description=_("合计"))
    def total(self, run: Any) -> str:
        """What they come to."""
        return format_money(run.total_fen)

    @display(description=_("办理"))
    def desk(self, run: EnjoyRun) -> str:
        """Its page at the desk of the department."""
        return link(run.get_absolute_url(), _("到免申即享页打开"))


@admin.register(EnjoyCandidate)
class EnjoyCandidateAdmin(ReadOnlyAdmin):
    """Enterprises on lists, with the frozen evidence."""

    list_display = ["enterprise", "run", "place", "way", "amount", "state", "words"]
    list_filter = ["place", "way", "state", "run__item__department"]
    list_select_related = ["enterprise", "run__version"]
    search_fields = ["enterprise__name", "enterprise__uscc", "digest"]
    show_full_result_count = False
    fields = ["run", "enterprise", "place", "way", "rank", "amount", "reasons", "evidence", "digest", "state"]
    fields += ["excluded_by", "excluded_at", "exclusion", "told_at", "answered_by", "answered_at", "answer"]
    fields += ["account", "award"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of those lists only."""
        return super().get_queryset(request).filter(run__in=seen_by(request).values("pk"))

    @display(description=_("金额"), ordering="amount_fen")
    def amount(self, row: EnjoyCandidate) -> str:
        """As it was judged; nothing where it was not settled."""
        return "—" if row.amount_fen is None else format_money(row.amount_fen)


class EnjoyObjectionInline(ReadOnlyInline):
    """Objections, which the public page shows to nobody."""

    model = EnjoyObjection
    fields = ["name", "phone", "candidate", "text", "at", "upheld", "answer", "answered_by", "answered_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnjoyObjection]:
        return super().get_queryset(request).select_related("answered_by", "candidate")


@admin.register(EnjoyNotice)
class EnjoyNoticeAdmin(ReadOnlyAdmin):
    """Notices of lists as the public page shows them, with the objections that it does not show."""

    list_display = ["run", "count", "amount", "opened_at", "closes_at", "ended_at"]
    list_select_related = ["run__version"]
    search_fields = ["run__version__title"]
    date_hierarchy = "opened_at"
    fields = [*list_display, "opened_by"]
    readonly_fields = fields
    inlines = [EnjoyObjectionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of those lists only."""
        return super().get_queryset(request).filter(run__in=seen_by(request).values("pk"))

    @display(description=_("合计"), ordering="total_fen")
    def amount(self, notice: EnjoyNotice) -> str:
        """As it was said."""
        return format_money(notice.total_fen)


@admin.register(EnjoyPlan)
class EnjoyPlanAdmin(ModelAdmin):
    """When each item is run by itself, how long its list is shown, how long the offer stands."""

    list_display = ["item", "every", "month", "day", "notice_days", "offer_days"]
    list_filter = ["every"]
    list_select_related = ["item__rule"]
    search_fields = ["item__code", "item__rule__label"]
    fields = ["item", "every", ("month", "day"), "notice_days", "offer_days"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnjoyPlan]:
        """Of the official's departments; supervisors and auditors see all."""
        found: QuerySet[EnjoyPlan] = super().get_queryset(request)
        user = signed_in(request)
        if user.is_superuser or any(user.has_role(role) for role in OVERSEEING):
            return found
        return found.filter(item__department__in=departments_of(user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of one's own departments' items; who oversees only looks."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or self._own(request).filter(pk=obj.item_id).exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As changing."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self._own(request).filter(pk=obj.item_id).exists())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Items of the official's departments that are enjoyed without applying."""
        if db_field.name == "item":
            enjoyed = ItemVersion.objects.filter(mode=Mode.ENJOY, benefit=Benefit.MONEY)
            kwargs["queryset"] = self._own(request).filter(pk__in=enjoyed.values("item"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _own(self, request: HttpRequest) -> QuerySet[PolicyItem]:
        items = PolicyItem.objects.select_related("rule").order_by("rule__label")
        user = signed_in(request)
        return items if user.is_superuser else items.filter(department__in=departments_of(user))
