"""Channels of departments, the county's word on topics, what was sent. No address is ever shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from portal.kernel.admin import ReadOnlyAdmin
from portal.kernel.errors import DomainError
from portal.kernel.sending import SendingState
from portal.notifications.addresses import give, parse
from portal.notifications.fanout import ring
from portal.notifications.managing import check_room
from portal.notifications.models import Channel, Delivery, Topic
from portal.notifications.outgoing import send_test

STATE_COLOURS = {
    SendingState.QUEUED.label: "info",
    SendingState.SENDING.label: "info",
    SendingState.SENT.label: "success",
    SendingState.FAILED.label: "warning",
    SendingState.GIVEN_UP.label: "danger",
}


class DepartmentChannelForm(forms.ModelForm):
    """A department's new channel: its address is typed once and never shown again."""

    address = forms.CharField(
        label=_("邮箱，或群机器人的 Webhook 地址"),
        max_length=400,
        help_text=_("保存后加密，不再显示；要换地址请移除后重新添加。"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=_("钉钉加签密钥（没有就不填）"),
        max_length=128,
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Channel
        fields = ["department", "kind", "label"]

    def clean(self) -> dict[str, Any]:
        """Read the address as its kind wants it, and put it into the channel, so that a double is seen."""
        cleaned = super().clean() or {}
        if department := cleaned.get("department"):
            try:
                check_room(department)
            except DomainError as error:
                self.add_error("department", str(error))
        else:
            self.add_error("department", _("请选择部门；个人通道由本人在“消息通知”页添加。"))
        if "kind" in cleaned and "address" in cleaned:
            try:
                give(self.instance, parse(cleaned["kind"], cleaned["address"], cleaned.get("secret", "")))
            except DomainError as error:
                self.add_error("secret" if error.code == "secret" else "address", str(error))
            else:
                self._check_new(cleaned)
        return cleaned

    def _check_new(self, cleaned: dict[str, Any]) -> None:
        same = Channel.objects.present().filter(
            department=cleaned.get("department"), kind=cleaned["kind"], digest=self.instance.digest
        )
        if same.exists():
            self.add_error("address", _("这个地址已经添加过。"))


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    """Ways out, by whose they are. People's own are theirs to change; here they can only be switched off."""

    list_display = ["kind", "label", "hint", "owner", "active", "shown_confirmed", "removed_at"]
    list_filter = ["kind", "active", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "department"]
    search_fields = ["label", "hint", "user__username", "user__name", "department__short_name"]
    readonly_fields = ["kind", "label", "hint", "user", "department", "confirmed_at", "removed_at"]
    fields = [*readonly_fields, "active"]
    autocomplete_fields = ["department"]
    actions = ["test", "take_away"]
    show_full_result_count = False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change, **({} if obj else {"form": DepartmentChannelForm}), **kwargs
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ["department", "kind", "label", "address", "secret"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return []
        theirs = obj.user_id and not obj.active
        return [*self.readonly_fields, *(["active"] if obj.removed_at or theirs else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Channel, form: forms.ModelForm, change: bool) -> None:
        """A new one is tried at once: what arrives confirms it."""
        super().save_model(request, obj, form, change)
        if not change:
            try:
                send_test(obj)
            except DomainError as error:
                messages.error(request, str(error))
            ring()

    @admin.display(description=_("属于"))
    def owner(self, channel: Channel) -> str:
        """A person or a department."""
        return str(channel.user or channel.department)

    @display(description=_("已确认"), boolean=True)
    def shown_confirmed(self, channel: Channel) -> bool:
        """Whether messages go there."""
        return channel.confirmed_at is not None

    @action(description=_("移除部门通道"), permissions=["change"])
    def take_away(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        """Forget the addresses of departments' channels; people remove their own themselves."""
        chosen = queryset.filter(removed_at=None, department__isnull=False)
        for channel in chosen:
            channel.remove()
        messages.success(request, _("已移除 %(count)d 个部门通道。") % {"count": len(chosen)})

    @action(description=_("发送测试"), permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        """Queue a test of each; refusals are told."""
        for channel in queryset.filter(removed_at=None):
            try:
                send_test(channel)
            except DomainError as error:
                messages.error(request, f"{channel}：{error}")
        ring()
        messages.success(request, _("测试消息已排队，结果见“外发记录”。"))


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    """Kinds of messages: whether they go out by default, and which do not wait for the morning."""

    list_display = ["label", "key", "outside", "breaks_through", "position"]
    list_editable = ["outside", "breaks_through"]
    readonly_fields = ["key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SendingAdmin(ReadOnlyAdmin):
    """What leaves the portal: how it stands, why it did not arrive, and once more."""

    list_filter: Any = ["state"]
    actions = ["resend"]
    show_full_result_count = False

    @display(description=_("状态"), label=STATE_COLOURS, ordering="state")
    def shown_state(self, row: Any) -> str:
        """In words."""
        return row.get_state_display()

    sender_permission: str
    """Who may have a row sent again: who looks after the ways out, not who only looks."""

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Sending again reaches other systems and people."""
        return request.user.has_perm(self.sender_permission)

    @action(description=_("重发"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Try what failed anew."""
        done = sum(row.resend() for row in queryset)
        ring()
        messages.success(request, _("%(done)d 条已重新排队，其余不用重发。") % {"done": done})


@admin.register(Delivery)
class DeliveryAdmin(SendingAdmin):
    """Messages on their way outside; what they say is not told here."""

    sender_permission = "notifications.change_channel"
    list_display = ["channel", "owner", "shown_state", "attempts", "error", "created_at", "sent_at"]
    list_filter = ["state", "channel__kind"]
    list_select_related = ["channel__user", "channel__department"]
    search_fields = ["channel__hint", "channel__user__username", "channel__user__name", "error"]
    fields = ["channel", "state", "attempts", "error", "created_at", "due_at", "claimed_at", "sent_at"]
    readonly_fields = fields

    @admin.display(description=_("属于"))
    def owner(self, row: Delivery) -> str:
        """A person or a department."""
        return str(row.channel.user or row.channel.department)
