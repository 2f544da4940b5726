"""Deadlines as data: how long each one is, and who is reminded of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display

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

    list_display = ["level", "light", "whom", "how_long_after"]

    @display(description=gettext_lazy("亮灯之后"), ordering="after")
    def how_long_after(self, row: ReminderLevel) -> str:
        """In working hours."""
        return _("%(count)d 个工作小时") % {"count": row.after} if row.after else _("马上")
