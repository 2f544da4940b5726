"""Systems of banks that use the API: what they are let do, the tokens they hold, the calls they made once."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.models.bank import BankOfficer
from finance.models.history import tracked
from finance.models.vocabulary import Post

SHA256: Final = r"^[0-9a-f]{64}$"
MOST_PER_MINUTE: Final = 6_000
CONTACT: Final = ("contact_name", "contact_phone")
"""What an answer says of whom to talk to, while the consent holds."""
WORKING_POSTS: Final = (Post.MANAGER, Post.OFFICER)


class BankScope(models.TextChoices):
    """What a bank's system may do."""

    READ_LOANS = "loans:read", _("查看贷款申请")
    DECIDE_LOANS = "loans:decide", _("接单、受理和审批")
    WRITE_RECORDS = "records:write", _("登记放款和还款")
    READ_CONSENTS = "consents:read", _("按授权查阅企业数据")


class BankClientQuerySet(models.QuerySet["BankClient"]):
    """Clients by whether they open."""

    def working(self, at: dt.datetime) -> BankClientQuerySet:
        """Not revoked, and the person they act as is at work at the bank, more than to look."""
        posts = BankOfficer.objects.serving(timezone.localdate(at))
        posts = posts.filter(role__in=WORKING_POSTS, user__is_active=True)
        return self.filter(revoked_at=None, officer__in=posts)


@tracked
class BankClient(models.Model):
    """A client of OAuth 2.0 (RFC 6749). Of its secret only the SHA-256 is kept: it is 256 random bits.

    It acts as one of the bank's people, who answers for what it does, for the bank of that post.
    """

    officer = models.ForeignKey(
        BankOfficer,
        models.PROTECT,
        related_name="clients",
        verbose_name=_("负责人"),
        help_text=_("银行的负责人或客户经理：系统以此人的名义办理，其任职结束后不能再用。"),
    )
    name = models.CharField(_("系统名称"), max_length=60, help_text=_("企业在查阅记录中看到的名称。"))
    client_id = models.CharField(_("客户端编号"), max_length=40, unique=True, editable=False)
    digest = models.CharField(_("密钥的 SHA-256"), max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=BankScope), verbose_name=_("权限"))
    per_minute = models.PositiveIntegerField(_("每分钟调用次数"), default=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("创建人"),
        editable=False,
    )
    made_at = models.DateTimeField(_("创建时间"), db_default=Now(), editable=False)
    renewed_at = models.DateTimeField(_("换密钥时间"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, editable=False)

    objects = BankClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("银行接口客户端")
        verbose_name_plural = _("银行接口客户端")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="finance_bankclient_named",
                violation_error_message=_("请填写系统名称。"),
            ),
            models.CheckConstraint(
                condition=~Q(scopes=[]) & Q(scopes__contained_by=BankScope.values),
                name="finance_bankclient_scopes",
                violation_error_message=_("请至少选择一项权限。"),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=SHA256),
                name="finance_bankclient_digest",
                violation_error_message=_("只保存密钥的 SHA-256。"),
            ),
            models.CheckConstraint(
                condition=Q(per_minute__range=(1, MOST_PER_MINUTE)),
                name="finance_bankclient_per_minute",
                violation_error_message=_("每分钟调用次数为 1 至 6000。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BankTokenQuerySet(models.QuerySet["BankToken"]):
    """Tokens by whether they open."""

    def valid(self, at: dt.datetime) -> BankTokenQuerySet:
        """Not over, of a client that works."""
        return self.filter(expires_at__gt=at, client__in=BankClient.objects.working(at))


class BankToken(models.Model):
    """A token that a client was given for an hour; as with the secret only its SHA-256 is kept."""

    client = models.ForeignKey(
        BankClient, models.CASCADE, related_name="tokens", verbose_name=_("银行接口客户端")
    )
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=BankScope), verbose_name=_("权限"))
    issued_at = models.DateTimeField(_("签发时间"))
    expires_at = models.DateTimeField(_("有效至"))

    objects = BankTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("银行接口令牌")
        verbose_name_plural = _("银行接口令牌")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__regex=SHA256),
                name="finance_banktoken_digest",
                violation_error_message=_("只保存令牌的 SHA-256。"),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at"))
                & Q(expires_at__lte=F("issued_at") + dt.timedelta(hours=1)),
                name="finance_banktoken_hour",
                violation_error_message=_("令牌最长一小时。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.issued_at:%Y-%m-%d %H:%M}"


class BankCall(models.Model):
    """A call that changed something, under the client's own key: made again it is answered from here.

    An answer that may be said for a time only, as under a consent, is not kept: it is made anew
    (`finance.api.calls.once`). The database refuses one that holds whom to talk to.
    """

    client = models.ForeignKey(
        BankClient, models.CASCADE, related_name="calls", verbose_name=_("银行接口客户端"), db_index=False
    )
    key = models.CharField(_("幂等键"), max_length=64)
    digest = models.CharField(_("请求的 SHA-256"), max_length=64)
    status = models.PositiveSmallIntegerField(_("状态码"))
    answer = models.JSONField(_("答复"), encoder=DjangoJSONEncoder)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("银行接口调用")
        verbose_name_plural = _("银行接口调用")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"],
                name="finance_bankcall_once",
                violation_error_message=_("这个幂等键已经用过。"),
            ),
            models.CheckConstraint(
                condition=~Q(answer__has_any_keys=CONTACT),
                name="finance_bankcall_without_contact",
                violation_error_message=_("答复里的联系人不能留存。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.key}"
