"""Forms of the page of channels."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.kernel.errors import DomainError
from portal.notifications.addresses import Address, parse
from portal.notifications.models import Channel, QuietHours, Topic


class ChannelForm(forms.Form):
    """A new channel; the parsed address is `given`."""

    kind = forms.ChoiceField(label=_("方式"), choices=Channel.Kind.choices)
    address = forms.CharField(
        label=_("邮箱，或群机器人的 Webhook 地址"),
        max_length=400,
        help_text=_("机器人地址在钉钉或企业微信群的“机器人”设置里复制，整段粘贴；关键词请填“垫小二”。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "email"}),
    )
    secret = forms.CharField(
        label=_("钉钉加签密钥（没有就不填）"),
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
    )
    label = forms.CharField(label=_("备注名（可不填）"), max_length=40, required=False)

    given: Address

    def clean(self) -> dict[str, Any]:
        """The address is read as its kind wants it."""
        cleaned = super().clean() or {}
        if "kind" in cleaned and "address" in cleaned:
            try:
                self.given = parse(cleaned["kind"], cleaned["address"], cleaned.get("secret", ""))
            except DomainError as error:
                self.add_error("secret" if error.code == "secret" else "address", str(error))
        return cleaned


class QuietHoursForm(forms.ModelForm):
    """When not to be disturbed."""

    class Meta:
        model = QuietHours
        fields = ["active", "starts", "ends"]
        widgets = {
            "starts": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }


class TopicsForm(forms.Form):
    """Which topics a channel carries."""

    topics = forms.TypedMultipleChoiceField(
        label=_("发送哪些消息"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, topics: Iterable[Topic], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [(topic.pk, topic.label) for topic in topics]  # type: ignore[attr-defined]
