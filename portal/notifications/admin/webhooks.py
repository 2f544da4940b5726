"""Other systems in the admin: which hosts may be called, what each is told, how it went.

The security administrator says which hosts, the system administrator what goes there. A secret is shown once.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from portal.notifications.admin.channels import SendingAdmin
from portal.notifications.models import AllowedHost, Webhook, WebhookDelivery
from portal.notifications.signing import new_secret
from portal.notifications.webhooks import declared_events, ping

NO_HOST = _(
    "还没有可选的域名：只能对接登记过的域名。请安全管理员先在“允许对接的域名”里登记对方系统的域名，再回到这里选择。"
)
OTHER_HOST = _("没有要对接的域名？请安全管理员先在“允许对接的域名”里登记。")


@admin.register(AllowedHost)
class AllowedHostAdmin(ModelAdmin):
    """Hosts that webhooks may call; one that a webhook uses stays as it is."""

    list_display = ["host", "port", "reason"]
    search_fields = ["host", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["host", "port"] if obj and obj.webhooks.exists() else []


class WebhookForm(forms.ModelForm):
    """Events are chosen, not typed."""

    topics = forms.MultipleChoiceField(label=_("事件"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Webhook
        fields = ["name", "host", "path", "topics", "with_contacts", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = list(declared_events().items())  # type: ignore[attr-defined]
        if "host" in self.fields:
            known = AllowedHost.objects.exists()
            self.fields["host"].help_text = OTHER_HOST if known else NO_HOST


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Addresses of other systems and what they are told."""

    form = WebhookForm
    list_display = ["name", "shown_url", "shown_topics", "shown_active", "failing_since"]
    list_filter = ["active"]
    list_select_related = ["host"]
    search_fields = ["name", "host__host"]
    readonly_fields = ["failing_since", "disabled_at"]
    fields = [*WebhookForm.Meta.fields, *readonly_fields]
    actions = ["test", "renew"]

    @admin.display(description=_("地址"))
    def shown_url(self, webhook: Webhook) -> str:
        """Where it leads."""
        return webhook.url

    @admin.display(description=_("事件"))
    def shown_topics(self, webhook: Webhook) -> str:
        """How many; the page names them."""
        return _("%(count)d 种") % {"count": len(webhook.topics)}

    @display(description=_("状态"), label={_("使用中"): "success", _("已停用"): "danger"})
    def shown_active(self, webhook: Webhook) -> Any:
        """In a word."""
        return _("使用中") if webhook.active else _("已停用")

    def save_model(self, request: HttpRequest, obj: Webhook, form: forms.ModelForm, change: bool) -> None:
        """A new one gets its secret, shown this once; one switched on again begins anew."""
        secret = "" if change else new_secret()
        if secret:
            obj.secret = secret
        if obj.active:
            obj.failing_since = obj.disabled_at = None
        super().save_model(request, obj, form, change)
        if secret:
            self._show(request, obj, secret)

    @action(description=_("发送测试"), permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Queue a ping of each."""
        for webhook in queryset.filter(active=True):
            ping(webhook)
        messages.success(request, _("测试已排队，结果见“对接发送记录”。"))

    @action(description=_("换新密钥"), permissions=["change"])
    def renew(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """A new secret for each, valid at once, shown this once."""
        for webhook in queryset:
            secret = new_secret()
            webhook.secret = secret
            webhook.save(update_fields=["sealed"])
            self._show(request, webhook, secret)

    def _show(self, request: HttpRequest, webhook: Webhook, secret: str) -> None:
        words = {"name": webhook.name, "secret": secret}
        messages.warning(request, _("“%(name)s”的密钥（只显示这一次，请立即交给对方）：%(secret)s") % words)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(SendingAdmin):
    """What other systems were told, and what they answered; the words are not shown here."""

    sender_permission = "notifications.change_webhook"
    list_display = ["topic", "event", "webhook", "shown_state", "status", "attempts", "error", "created_at"]
    list_filter = ["state", ("webhook", admin.RelatedOnlyFieldListFilter), "topic"]
    list_select_related = ["webhook"]
    search_fields = ["event", "error"]
    fields = [
        *("webhook", "topic", "event", "state", "status", "attempts", "error"),
        *("created_at", "due_at", "claimed_at", "sent_at"),
    ]
    readonly_fields = fields
