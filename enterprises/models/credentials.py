"""Qualifications granted by departments, insert-only."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enterprises.catalogue import Tier
from enterprises.models.enterprise import Enterprise
from enterprises.models.facts import TIER_CHOICES
from enterprises.models.history import tracked
from portal.accounts.models import Department
from portal.kernel.models import KEY_PATTERN, AppendOnly


@tracked
class CredentialKind(models.Model):
    """A kind of credential that rules name."""

    key = models.CharField(_("标识"), max_length=60, unique=True)
    label = models.CharField(_("名称"), max_length=80)
    complete = models.BooleanField(
        _("名单完整"), default=False, help_text=_("部门掌握全部名单：没有记录即没有")
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("认定部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credential_kinds",
    )

    class Meta:
        verbose_name = _("资质种类")
        verbose_name_plural = _("资质种类")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN),
                name="enterprises_credentialkind_key",
                violation_error_message=_("标识只用小写字母、数字和下划线，以字母开头。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Credential(AppendOnly):
    """One certificate as recorded; the newest record of (enterprise, kind, certificate) counts.

    A renewal is another certificate; a revocation or correction is a new row of the same one.
    """

    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name=_("企业"),
        on_delete=models.PROTECT,
        related_name="credentials",
        db_index=False,
    )
    kind = models.ForeignKey(
        CredentialKind, verbose_name=_("资质"), on_delete=models.PROTECT, related_name="credentials"
    )
    level = models.CharField(_("级别"), max_length=40, blank=True)
    first_obtained = models.DateField(_("首次取得"), null=True, blank=True)
    valid_from = models.DateField(_("有效期起"), null=True, blank=True)
    valid_to = models.DateField(_("有效期止"), null=True, blank=True)
    certificate = models.CharField(_("证书编号"), max_length=80, blank=True)
    revoked = models.BooleanField(_("已撤销"), default=False)
    tier = models.PositiveSmallIntegerField(_("可信层级"), choices=TIER_CHOICES, default=Tier.OFFICIAL)
    department = models.ForeignKey(
        Department,
        verbose_name=_("来源部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    as_of = models.DateField(_("截至日期"))
    recorded_at = models.DateTimeField(_("入库时间"), db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        editable=False,
    )

    class Meta:
        verbose_name = _("企业资质")
        verbose_name_plural = _("企业资质")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "kind", "certificate"], name="enterprises_credential_of"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="enterprises_credential_validity",
                violation_error_message=_("有效期止不能早于有效期起。"),
            ),
            models.CheckConstraint(
                condition=Q(first_obtained__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(first_obtained__lte=F("valid_from")),
                name="enterprises_credential_first",
                violation_error_message=_("首次取得不能晚于有效期起。"),
            ),
            models.CheckConstraint(
                condition=Q(tier__in=[tier.value for tier in Tier]),
                name="enterprises_credential_tier",
                violation_error_message=_("请选择可信层级。"),
            ),
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(tier__lt=Tier.OFFICIAL),
                name="enterprises_credential_self_not_official",
                violation_error_message=_("企业自己填报的资质不是部门数据。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.certificate}".strip()
