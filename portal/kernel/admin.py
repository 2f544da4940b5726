"""Admin bases, and the pages of the kernel's own tables."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from portal.kernel.models import AnnouncedYear, OutboxEntry, WorkdayOverride


class ReadOnlyAdmin(ModelAdmin):
    """Rows to be looked at: append-only tables, queues, histories."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What waits, what left, what stumbles."""

    list_display = ["key", "topic", "created_at", "delivered_at", "attempts", "error"]
    list_filter = ["topic", ("delivered_at", admin.EmptyFieldListFilter)]
    search_fields = ["key"]
    show_full_result_count = False


@admin.register(WorkdayOverride)
class WorkdayOverrideAdmin(ModelAdmin):
    """Days that differ from the package's calendar."""

    list_display = ["day", "is_workday", "reason"]
    list_filter = ["is_workday"]
    date_hierarchy = "day"
    search_fields = ["reason"]


@admin.register(AnnouncedYear)
class AnnouncedYearAdmin(ModelAdmin):
    """Years that are known in whole; deadlines that waited for one are reckoned within the hour."""

    list_display = ["year", "notice"]
