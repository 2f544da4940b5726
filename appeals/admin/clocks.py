"""Deadlines as data: how long each one is, and who is reminded of it."""

from django.contrib import admin

from appeals.models import ClockTarget, ReminderLevel
from portal.kernel.admin import EscalationLevelAdmin, SpanTargetAdmin

admin.site.register(ClockTarget, SpanTargetAdmin)
admin.site.register(ReminderLevel, EscalationLevelAdmin)
