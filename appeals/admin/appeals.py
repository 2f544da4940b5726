"""Appeals, orders and shared problems as they stand, to be looked at: the desk is where they are worked on.

Lists obey `visible_to`: a complaint is hidden here too from whom it is about.
"""

from __future__ import annotations

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from appeals.desk.timeline import NAMES
from appeals.models import (
    Answer,
    Appeal,
    AppealEvent,
    Assignment,
    Attachment,
    ClockTarget,
    OrderClock,
    OrderEvent,
    Promise,
    SharedProblem,
    Shift,
    Survey,
    WorkOrder,
)
from portal.accounts.requests import signed_in
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline


class OrderInline(ReadOnlyInline):
    """The appeal's orders."""

    model = WorkOrder
    fields = ["round", "kind", "mode", "state", "department", "provider", "handler", "created_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkOrder]:
        return super().get_queryset(request).select_related("department", "provider", "handler", "appeal")


class AppealEventInline(EventInline):
    """Of the appeal itself."""

    model = AppealEvent
    fields = [*EventInline.fields, "public"]
    words = NAMES


class OrderEventInline(EventInline):
    """Of the order."""

    model = OrderEvent
    fields = [*EventInline.fields, "public"]
    words = NAMES


class AttachmentInline(ReadOnlyInline):
    """Names only: files are handed out at the desk, where each is asked for by name."""

    model = Attachment
    fields = ["name", "public", "added_by", "added_at"]


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """One appeal with its orders and everything that happened to it."""

    list_display = ["number", "title", "enterprise", "category", "source", "status", "round", "submitted_at"]
    list_select_related = ["enterprise", "category"]
    list_filter = ["status", "source", "urgent", "secrecy", "category"]
    search_fields = ["number", "title", "enterprise__name", "enterprise__uscc"]
    date_hierarchy = "submitted_at"
    show_full_result_count = False
    inlines = [OrderInline, AppealEventInline, AttachmentInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        appeals: QuerySet[Appeal] = super().get_queryset(request)
        return appeals.filter(pk__in=Appeal.objects.visible_to(signed_in(request)).values("pk"))


class AssignmentInline(ReadOnlyInline):
    """To whom it was given, why, by whom."""

    model = Assignment
    fields = ["at", "department", "section", "provider", "leader", "handler", "why", "by", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        named = ("department", "section__department", "provider", "leader", "handler", "by")
        return super().get_queryset(request).select_related(*named)


class ClockInline(ReadOnlyInline):
    """Its deadlines: when begun, due, met."""

    model = OrderClock
    fields = ["named", "number", "unit", "started_at", "due_at", "provisional", "paused_at", "met_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderClock]:
        label = ClockTarget.objects.filter(key=OuterRef("target")).values("label")
        return super().get_queryset(request).annotate(label=Subquery(label))

    @display(description=_("时限"))
    def named(self, row: OrderClock) -> str:
        """What the deadline is for; the key of a target that is no more."""
        return getattr(row, "label", None) or row.target


class AnswerInline(ReadOnlyInline):
    """What the enterprise was answered."""

    model = Answer
    fields = ["at", "outcome", "text", "by"]


class PromiseInline(ReadOnlyInline):
    """What was promised, and kept."""

    model = Promise


class SurveyInline(ReadOnlyInline):
    """What the enterprise said of the answer."""

    model = Survey


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    """One order with its assignments, deadlines, answers and what the enterprise said of them."""

    list_display = ["appeal", "kind", "round", "mode", "state", "shown_holder", "created_at", "answered_at"]
    list_filter = ["state", "kind", "mode"]
    search_fields = ["appeal__number", "appeal__title", "appeal__enterprise__name"]
    show_full_result_count = False
    inlines = [AssignmentInline, ClockInline, AnswerInline, PromiseInline, SurveyInline, OrderEventInline]

    @display(description=_("承办"))
    def shown_holder(self, order: WorkOrder) -> str:
        """Who has it."""
        return order.holder

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkOrder]:
        orders: QuerySet[WorkOrder] = super().get_queryset(request)
        seen = WorkOrder.objects.visible_to(signed_in(request)).values("pk")
        return orders.filter(pk__in=seen).select_related(
            "appeal", "department", "section__department", "provider"
        )


class MemberInline(ReadOnlyInline):
    """The appeals that are one problem."""

    model = Appeal
    fk_name = "problem"
    fields = ["number", "title", "enterprise", "status"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        seen = Appeal.objects.visible_to(signed_in(request)).values("pk")
        return super().get_queryset(request).filter(pk__in=seen).select_related("enterprise")


@admin.register(SharedProblem)
class SharedProblemAdmin(ReadOnlyAdmin):
    """Alike appeals of several enterprises, led by one order."""

    list_display = ["title", "lead", "created_by", "created_at"]
    list_select_related = ["lead", "created_by"]
    search_fields = ["title", "lead__number"]
    inlines = [MemberInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SharedProblem]:
        problems: QuerySet[SharedProblem] = super().get_queryset(request)
        return problems.filter(lead__in=Appeal.objects.visible_to(signed_in(request)).values("pk"))


@admin.register(Shift)
class ShiftAdmin(ModelAdmin):
    """Who is on duty on which day; a desk's own roster is filled in at the desk."""

    list_display = ["day", "department", "officer"]
    list_select_related = ["department", "officer"]
    list_filter = ["department"]
    search_fields = ["officer__name", "department__name"]
    autocomplete_fields = ["department", "officer"]
    date_hierarchy = "day"
