"""API keys in the admin: who has which, and an end to one that has leaked. No token is there to be shown."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from enterprises.models import ApiKey
from portal.kernel.admin import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are made by the enterprises themselves; the security administrator may revoke them."""

    list_display = [
        "name",
        "enterprise",
        "start",
        "made_by",
        "made_at",
        "expires_at",
        "used_at",
        "revoked_at",
    ]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "made_at"]
    list_select_related = ["enterprise", "made_by"]
    search_fields = ["name", "start", "enterprise__name"]
    fields = [*list_display, "scopes"]
    readonly_fields = fields
    actions = ["revoke"]
    show_full_result_count = False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """The security administrator's."""
        return request.user.has_perm("enterprises.change_apikey")

    @action(description=_("作废"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """From now on they open nothing."""
        done = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, _("已作废 %(done)d 个密钥。") % {"done": done})
