"""Keys by which an enterprise's own systems use the API."""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprise import Enterprise

MOST_KEYS: Final = 10
"""Of one enterprise, valid at once."""


class Scope(models.TextChoices):
    """What a key may do."""

    READ = "appeals:read", _("查看诉求")
    WRITE = "appeals:write", _("提交和办理诉求")
    READ_APPLICATIONS = "applications:read", _("查看申报")
    WRITE_APPLICATIONS = "applications:write", _("填报和提交申报")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys by whether they open."""

    def valid(self) -> "ApiKeyQuerySet":
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class ApiKey(models.Model):
    """One key. Only the hash of its token is kept; it opens as long as its maker manages the enterprise."""

    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(_("用途"), max_length=40)
    start = models.CharField(_("开头"), max_length=12, editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("权限"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("创建人"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("创建时间"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("有效至"), null=True, blank=True)
    used_at = models.DateTimeField(_("最近使用"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(scopes=[]) & Q(scopes__contained_by=Scope.values),
                name="enterprises_apikey_scopes",
                violation_error_message=_("请至少选择一项权限。"),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="enterprises_apikey_digest",
                violation_error_message=_("只保存密钥的 SHA-256。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.start}…"

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(one).label) for one in self.scopes]
