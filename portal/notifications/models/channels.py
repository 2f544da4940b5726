"""Ways by which messages also leave the portal, what each is to carry, when, and what became of each."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Department
from portal.kernel.sealing import Sealed, fingerprint, seal, unseal
from portal.kernel.sending import Sending, SendingQuerySet, SendingState
from portal.notifications.models.messages import Message

MOST_CHANNELS: Final = 10
"""Of one user or department."""


class Topic(models.Model):
    """A kind of message, as the county lets it go out: see `portal.notifications.topics`."""

    key = models.SlugField(_("标识"), max_length=30, unique=True, editable=False)
    label = models.CharField(_("名称"), max_length=40)
    outside = models.BooleanField(
        _("默认外发"), default=True, help_text=_("用户没有选择时，是否也发到其邮箱、钉钉、企业微信。")
    )
    breaks_through = models.BooleanField(
        _("免打扰时段照发"), default=False, help_text=_("紧急类消息：不等免打扰时段结束。")
    )
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = _("消息类别")
        verbose_name_plural = _("消息类别")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels by whether they carry anything."""

    def present(self) -> "ChannelQuerySet":
        """Those not removed."""
        return self.filter(removed_at=None)

    def working(self) -> "ChannelQuerySet":
        """Those that messages go to: confirmed, switched on, of somebody who may still sign in."""
        mine = Q(user__is_active=True) | Q(department__isnull=False)
        return self.present().filter(mine, active=True, confirmed_at__isnull=False)


class Channel(Sealed):
    """A mail address, or a robot of a DingTalk or WeCom group, of a user or a department.

    The address is sealed; `hint` is what pages show of it. A removed channel keeps no address.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", _("邮件")
        DINGTALK = "dingtalk", _("钉钉群机器人")
        WECOM = "wecom", _("企业微信群机器人")

    kind = models.CharField(_("方式"), max_length=10, choices=Kind)
    label = models.CharField(_("名称"), max_length=40, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("用户"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="channels",
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("部门"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="channels",
    )
    sealed = models.TextField(_("地址（加密）"), editable=False)
    digest = models.CharField(max_length=64, editable=False)
    """Tells the address from others, of whoever it is, as long as the key is the same."""
    hint = models.CharField(_("地址"), max_length=80, editable=False)
    active = models.BooleanField(_("启用"), default=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, editable=False)
    removed_at = models.DateTimeField(_("移除时间"), null=True, editable=False)
    created_at = models.DateTimeField(_("添加时间"), default=timezone.now, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息通道")
        verbose_name_plural = _("消息通道")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["digest"], condition=~Q(digest=""), name="notifications_channel_same")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, department=None) | Q(user=None, department__isnull=False),
                name="notifications_channel_owner",
                violation_error_message=_("通道属于一个用户或一个部门，二者择一。"),
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) & ~Q(sealed="") & ~Q(digest="")
                | Q(removed_at__isnull=False, sealed="", digest="", active=False),
                name="notifications_channel_address",
                violation_error_message=_("使用中的通道须有地址，移除的通道不留地址。"),
            ),
            models.UniqueConstraint(
                fields=["user", "department", "kind", "digest"],
                condition=Q(removed_at=None),
                nulls_distinct=False,
                name="notifications_channel_once",
                violation_error_message=_("这个地址已经添加过。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label or self.hint}"

    @property
    def address(self) -> str:
        """In clear, for the worker that sends. Raises DomainError when it cannot be opened."""
        return unseal(self.sealed)

    def keep(self, address: str, hint: str, identity: str) -> None:
        """Take the address (unsaved): it is to be confirmed anew. `identity` tells it from others."""
        self.sealed, self.digest, self.hint = seal(address), fingerprint(identity), hint
        self.confirmed_at = None

    def resealed(self) -> dict[str, str]:
        """The digest, too, is made with the key. It stays when its owner has added the address again."""
        changes = super().resealed()
        if changes:
            from portal.notifications.addresses import address_of  # which is about this model

            digest = fingerprint(address_of(self).identity)
            same = Channel.objects.present().filter(kind=self.kind, digest=digest)
            if not same.filter(user=self.user_id, department=self.department_id).exists():
                changes["digest"] = digest
        return changes

    def remove(self) -> None:
        """Nothing goes there any more, and the address is forgotten; what was sent stays told."""
        self.sealed = self.digest = ""
        self.active, self.removed_at = False, timezone.now()
        self.save(update_fields=["sealed", "digest", "active", "removed_at"])


class Preference(models.Model):
    """Whether a topic goes to a channel; without a row the county's default (`Topic.outside`) holds."""

    channel = models.ForeignKey(
        Channel, verbose_name=_("通道"), on_delete=models.CASCADE, related_name="preferences"
    )
    topic = models.ForeignKey(Topic, verbose_name=_("类别"), on_delete=models.CASCADE, related_name="+")
    wanted = models.BooleanField(_("发送"))

    class Meta:
        verbose_name = _("消息偏好")
        verbose_name_plural = _("消息偏好")
        ordering = ["channel", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "topic"], name="notifications_preference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.topic}"


class QuietHours(models.Model):
    """When a user is not to be disturbed; without a row the county's hours hold (`settings.QUIET_HOURS`)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="quiet_hours"
    )
    active = models.BooleanField(_("开启免打扰"), default=True)
    starts = models.TimeField(_("开始"), default=dt.time(21, 0))
    ends = models.TimeField(_("结束"), default=dt.time(7, 30))

    class Meta:
        verbose_name = _("免打扰时段")
        verbose_name_plural = _("免打扰时段")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(starts=F("ends")),
                name="notifications_quiethours_last",
                violation_error_message=_("开始和结束时间不能相同；不需要免打扰时请关闭。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"


class DeliveryQuerySet(SendingQuerySet):
    """Deliveries of one person."""

    def of(self, user: Any) -> "DeliveryQuerySet":
        """Those of the user's own channels."""
        return self.filter(channel__user=user)


class Delivery(Sending):
    """One message on its way through one channel; without a message it is a test.

    `key` keeps a department's channel from being told once for every colleague: the message's key there,
    the message's id elsewhere.
    """

    PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))

    channel = models.ForeignKey(
        Channel, verbose_name=_("通道"), on_delete=models.CASCADE, related_name="deliveries"
    )
    message = models.ForeignKey(
        Message, verbose_name=_("消息"), on_delete=models.PROTECT, null=True, related_name="deliveries"
    )
    key = models.CharField(_("键"), max_length=220, editable=False)

    objects = DeliveryQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Sending.Meta):
        verbose_name = _("外发记录")
        verbose_name_plural = _("外发记录")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=["queued", "failed"]), name="notifications_due"
            ),
            models.Index(
                fields=["claimed_at"], condition=Q(state="sending"), name="notifications_delivery_taken"
            ),
            models.Index(fields=["channel", "-id"], name="notifications_delivery_newest"),
            models.Index(fields=["channel", "-claimed_at"], name="notifications_delivery_lately"),
        ]
        constraints = [
            *Sending.Meta.constraints,
            models.UniqueConstraint(
                fields=["channel", "key"],
                name="notifications_delivery_once",
                violation_error_message=_("该消息已发往这个通道。"),
            ),
            models.UniqueConstraint(fields=["message", "channel"], name="notifications_delivery_per_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.get_state_display()}"

    @property
    def is_lost(self) -> bool:
        """Whether it did not arrive, so far or for good."""
        return self.state in (SendingState.FAILED, SendingState.GIVEN_UP)
