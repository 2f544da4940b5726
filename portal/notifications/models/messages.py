"""Mailboxes, the messages in them and who has read what."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.kernel.models import AppendOnly, AppendOnlyQuerySet

Mailboxes = Iterable["Mailbox"] | models.QuerySet["Mailbox"]


class Mailbox(models.Model):
    """Where messages for a user or an enterprise lie; an enterprise points at its own."""

    class Kind(models.TextChoices):
        USER = "user", _("个人")
        ENTERPRISE = "enterprise", _("企业")

    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("用户"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mailbox",
    )

    class Meta:
        verbose_name = _("信箱")
        verbose_name_plural = _("信箱")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="user", user__isnull=False) | Q(kind="enterprise", user__isnull=True),
                name="notifications_mailbox_owner",
                violation_error_message=_("个人信箱须有用户，企业信箱不能有用户。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user or self.pk}"

    @classmethod
    def for_user(cls, user: User) -> "Mailbox":
        """The user's own mailbox. It is made with the user; made here for users written in bulk."""
        return cls.objects.get_or_create(user=user, defaults={"kind": cls.Kind.USER})[0]


class MessageQuerySet(AppendOnlyQuerySet):
    """Messages of mailboxes, with what one user has read."""

    def within(self, mailboxes: Mailboxes) -> "MessageQuerySet":
        """Those in the given mailboxes."""
        return self.filter(mailbox__in=mailboxes)

    def with_is_read(self, user: User) -> "MessageQuerySet":
        """Annotated with `is_read`: whether this user has read it."""
        return self.annotate(is_read=Exists(_reads(user)))

    def unread_by(self, user: User) -> "MessageQuerySet":
        """Those that this user has not read."""
        return self.filter(~Exists(_reads(user)))


class Message(AppendOnly):
    """One message, never changed and never written twice: (mailbox, key) is unique."""

    mailbox = models.ForeignKey(
        Mailbox, verbose_name=_("信箱"), on_delete=models.PROTECT, related_name="messages"
    )
    key = models.CharField(_("键"), max_length=200)
    kind = models.CharField(_("类别"), max_length=30)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("链接"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("时间"), default=timezone.now)
    payload = models.JSONField(_("数据"), default=dict, blank=True)

    objects = MessageQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["mailbox", "-created_at", "-id"], name="notifications_message_newest")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "key"],
                name="notifications_message_once",
                violation_error_message=_("该消息已发送过。"),
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__regex=r"^/([^/\\]|$)"),
                name="notifications_message_url_is_local",
                violation_error_message=_("链接须为本站地址，以 / 开头。"),
            ),
        ]

    def __str__(self) -> str:
        """By its key: what is said is for those who were told."""
        return self.key


class MessageRead(models.Model):
    """A user has read a message; colleagues of one mailbox read for themselves."""

    message = models.ForeignKey(
        Message, verbose_name=_("消息"), on_delete=models.PROTECT, related_name="reads"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("已读记录")
        verbose_name_plural = _("已读记录")
        constraints = [
            models.UniqueConstraint(fields=["user", "message"], name="notifications_messageread_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.message}"


def _reads(user: User) -> models.QuerySet[Any]:
    return MessageRead.objects.filter(message=OuterRef("pk"), user=user)
