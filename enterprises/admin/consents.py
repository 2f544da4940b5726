"""Consents and scans of codes in the admin: to be looked at. Enterprises give and revoke on their pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from enterprises.models import CodeScan, Consent, ConsentReading, Grantee
from portal.kernel.admin import ReadOnlyAdmin, ReadOnlyInline


@admin.register(Grantee)
class GranteeAdmin(ReadOnlyAdmin):
    """Organisations that may be given a consent; the apps of banks and providers keep them."""

    list_display = ["name", "kind", "uscc"]
    list_filter = ["kind"]
    search_fields = ["name", "uscc__istartswith"]


class ReadingInline(ReadOnlyInline):
    """Who read under the consent."""

    model = ConsentReading
    fields = ["at", "reader", "purpose", "keys"]
    verbose_name_plural = _("查阅记录")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentReading]:
        """Named in one query."""
        return super().get_queryset(request).select_related("user")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """What was let known to whom, and how it ended. Values are not shown here."""

    list_display = ["number", "enterprise", "grantee", "purpose", "given_at", "until", "revoked_at"]
    list_select_related = ["enterprise", "grantee"]
    list_filter = ["grantee", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["number", "reference", "enterprise__name", "enterprise__uscc"]
    exclude = ["content"]
    inlines = [ReadingInline]
    show_full_result_count = False


@admin.register(CodeScan)
class CodeScanAdmin(ReadOnlyAdmin):
    """Who scanned the code of an enterprise."""

    list_display = ["enterprise", "user", "role", "at"]
    list_select_related = ["enterprise", "user"]
    list_filter = ["role"]
    search_fields = ["enterprise__name", "enterprise__uscc", "user__username"]
    show_full_result_count = False
