"""Mailboxes and messages, to be looked at."""

from django.contrib import admin

from portal.kernel.admin import ReadOnlyAdmin
from portal.notifications.models import Mailbox, Message


@admin.register(Mailbox)
class MailboxAdmin(ReadOnlyAdmin):
    list_display = ["pk", "kind", "user"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__username"]
    show_full_result_count = False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """That somebody was told, of which kind and when; what was said is for those who were told."""

    list_display = fields = ["key", "kind", "mailbox", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["mailbox__user"]
    search_fields = ["key"]
    show_full_result_count = False
