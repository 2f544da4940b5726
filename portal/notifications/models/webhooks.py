"""Other systems that are told of what happens, and what became of each telling."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.outbound import HOST, PATH
from portal.kernel.sealing import Sealed, seal, unseal
from portal.kernel.sending import Sending

NAME: Final = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
"""As `outbound.HOST`, in PostgreSQL's words."""


class AllowedHost(models.Model):
    """A host that webhooks may call. What it stands for is checked at every call: see `kernel.outbound`."""

    host = models.CharField(
        _("域名"),
        max_length=253,
        validators=[
            RegexValidator(re.compile(r"\A" + HOST + r"\Z"), _("请填写小写的完整域名，不能是 IP 地址。"))
        ],
        help_text=_("如 hooks.example.gov.cn"),
    )
    port = models.PositiveIntegerField(
        _("端口"), default=443, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    reason = models.CharField(_("依据"), max_length=200, help_text=_("哪个系统、谁同意对接。"))

    class Meta:
        verbose_name = _("允许对接的域名")
        verbose_name_plural = _("允许对接的域名")
        ordering = ["host", "port"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "port"],
                name="notifications_allowedhost_once",
                violation_error_message=_("这个域名和端口已经登记。"),
            ),
            models.CheckConstraint(
                condition=Q(host__regex=NAME),
                name="notifications_allowedhost_name",
                violation_error_message=_("请填写小写的完整域名，不能是 IP 地址。"),
            ),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535),
                name="notifications_allowedhost_port",
                violation_error_message=_("端口须在 1 至 65535 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks by what they want to hear."""

    def hearing(self, events: Iterable[str]) -> "WebhookQuerySet":
        """Those told of any of the events."""
        return self.filter(active=True, topics__overlap=list(events))


class Webhook(Sealed):
    """An address of another system, the secret shared with it, and the events it is told of."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    host = models.ForeignKey(
        AllowedHost, verbose_name=_("域名"), on_delete=models.PROTECT, related_name="webhooks"
    )
    path = models.CharField(
        _("路径"),
        max_length=300,
        default="/",
        validators=[
            RegexValidator(re.compile(r"\A" + PATH + r"\Z"), _("路径以 / 开头，只用英文、数字和 URL 字符。"))
        ],
    )
    topics = ArrayField(models.CharField(max_length=40), verbose_name=_("事件"))
    with_contacts = models.BooleanField(
        _("附联系人"), default=False, help_text=_("匿名、保密和投诉类的联系人始终不发送。")
    )
    active = models.BooleanField(_("启用"), default=True)
    sealed = models.TextField(_("密钥（加密）"), editable=False)
    failing_since = models.DateTimeField(_("开始失败的时间"), null=True, editable=False)
    disabled_at = models.DateTimeField(_("自动停用时间"), null=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("系统对接通知")
        verbose_name_plural = _("系统对接通知")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(topics=[]),
                name="notifications_webhook_topics",
                violation_error_message=_("请至少选择一种事件。"),
            ),
            models.CheckConstraint(
                condition=~Q(sealed=""),
                name="notifications_webhook_secret",
                violation_error_message=_("密钥不能为空。"),
            ),
            models.CheckConstraint(
                condition=Q(path__regex=r"^/[!$&-;=?-Z_a-z~%]*$"),
                name="notifications_webhook_path",
                violation_error_message=_("路径以 / 开头，只用英文、数字和 URL 字符。"),
            ),
            models.CheckConstraint(
                condition=Q(active=False) | Q(disabled_at=None),
                name="notifications_webhook_disabled",
                violation_error_message=_("停用时间与状态不一致。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """Where it leads: always TLS."""
        return f"https://{self.host}{self.path}"

    @property
    def secret(self) -> str:
        """In clear, for the worker that signs. Raises DomainError when it cannot be opened."""
        return unseal(self.sealed)

    @secret.setter
    def secret(self, secret: str) -> None:
        self.sealed = seal(secret)


class WebhookDelivery(Sending):
    """One event told to one webhook; the body is what was signed, the same at every try.

    Long after it ended the body is forgotten (""), and it cannot be sent anew.
    """

    PAUSES = (
        *(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30)),
        *(dt.timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )

    webhook = models.ForeignKey(
        Webhook, verbose_name=_("对接"), on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField(_("事件编号"), max_length=80)
    topic = models.CharField(_("事件"), max_length=40)
    body = models.TextField(_("内容"))
    status = models.PositiveSmallIntegerField(_("对方答复"), null=True, editable=False)

    class Meta(Sending.Meta):
        verbose_name = _("对接发送记录")
        verbose_name_plural = _("对接发送记录")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["queued", "failed"]),
                name="notifications_webhook_due",
            ),
            models.Index(
                fields=["claimed_at"], condition=Q(state="sending"), name="notifications_webhook_taken"
            ),
        ]
        constraints = [
            *Sending.Meta.constraints,
            models.UniqueConstraint(
                fields=["webhook", "event"],
                name="notifications_webhookdelivery_once",
                violation_error_message=_("该事件已发往这个系统。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event}"

    @property
    def may_resend(self) -> bool:
        """Only as long as the body is known."""
        return self.body != "" and super().may_resend

    def _rows(self, name: str) -> models.QuerySet[Any]:
        rows = super()._rows(name)
        return rows.exclude(body="") if name == "resend" else rows
