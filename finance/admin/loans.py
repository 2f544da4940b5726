"""Loan applications to be looked at, and what lending goes by: spans and reminders of the steps of a loan."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from finance.admin.columns import fen
from finance.keepers import OFFICE
from finance.lending.story import NAMES
from finance.models import LoanApplication, LoanEvent, LoanReminder, LoanTarget
from finance.scoring.access import WATCHING
from portal.accounts.models import Department
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EscalationLevelAdmin, EventInline, ReadOnlyAdmin, SpanTargetAdmin

admin.site.register(LoanTarget, SpanTargetAdmin)
admin.site.register(LoanReminder, EscalationLevelAdmin)


class LoanEventInline(EventInline):
    """What happened. What a bank wrote for itself is the bank's: of that only when and by whom."""

    model = LoanEvent
    fields = ["at", "actor", "step", "said"]
    words = NAMES

    @display(description=_("意见"))
    def said(self, event: LoanEvent) -> str:
        """What the enterprise reads too."""
        return event.comment if event.public else "—"


@admin.register(LoanApplication)
class LoanApplicationAdmin(ReadOnlyAdmin):
    """Applications for the office that keeps finance, and who audits: never what consents let banks read."""

    list_display = ["number", "enterprise", "bank", "mode", "amount", "approved", "state", "submitted_at"]
    list_select_related = ["enterprise", "bank", "product_version", "filed_by"]
    list_filter = ["state", "mode", "mark", "bank"]
    search_fields = ["number", "bank_number", "enterprise__name", "enterprise__uscc"]
    date_hierarchy = "submitted_at"
    show_full_result_count = False
    fields = readonly_fields = [
        *(*list_display, "product_version", "term_months", "purpose", "filed_by", "due_at"),
        *("approved_rate", "approved_months", "approved_at", "bank_number", "signed_on", "matures_on"),
        *("mark", "drawn_on", "drawn", "repaid"),
    ]
    inlines = [LoanEventInline]
    amount, approved = fen("amount_fen", _("申请金额")), fen("approved_fen", _("批准金额"))
    drawn, repaid = fen("drawn_fen", _("已放款")), fen("repaid_fen", _("已还本金"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoanApplication]:
        """All of them for who watches finance in that office and for who audits, for others none."""
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        user = signed_in(request)
        if user.is_superuser or user.has_role(Role.AUDIT_ADMIN):
            return rows
        own = {pk for role in WATCHING for pk in user.departments_as(role)}
        return rows if Department.objects.filter(code=OFFICE, pk__in=own).exists() else rows.none()
