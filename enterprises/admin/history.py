"""Histories written by database triggers: who changed what, to be looked at."""

from django.apps import apps
from django.contrib import admin

from portal.kernel.admin import ReadOnlyAdmin


class HistoryAdmin(ReadOnlyAdmin):
    """One row a change, as the row stood after it (before it, for a deletion)."""

    list_display = ["__str__", "pgh_label", "pgh_obj_id", "pgh_created_at", "pgh_context"]
    list_filter = ["pgh_label"]
    list_select_related = ["pgh_context"]
    ordering = ["-pgh_id"]
    show_full_result_count = False


for name in ("Enterprise", "Membership", "Fact", "CredentialKind"):
    admin.site.register(apps.get_model("enterprises", f"{name}History"), HistoryAdmin)
