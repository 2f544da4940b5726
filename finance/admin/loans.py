"""What lending goes by: spans and reminders of the steps of a loan."""

from django.contrib import admin

from finance.models import LoanReminder, LoanTarget
from portal.kernel.admin import EscalationLevelAdmin, SpanTargetAdmin

admin.site.register(LoanTarget, SpanTargetAdmin)
admin.site.register(LoanReminder, EscalationLevelAdmin)
