"""Deadlines as data: how long each one is, and who is reminded of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from appeals.models import ClockTarget, ReminderLevel


@admin.register(ClockTarget)
class ClockTargetAdmin(ModelAdmin):
    """Spans. A change holds for clocks begun afterwards; the services know the keys, so none is added."""

    list_display = ["label", "key", "number", "unit", "warning"]
    list_filter = ["unit"]
    search_fields = ["label", "key"]
    readonly_fields = ["key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ReminderLevel)
class ReminderLevelAdmin(ModelAdmin):
    """Who is told at which light, and how long after it began to show."""

    list_display = ["level", "light", "whom", "after"]
