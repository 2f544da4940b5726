"""Who scanned an enterprise's code: shown to the enterprise."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprise import Enterprise
from portal.kernel.models import AppendOnly


class Scanner(models.TextChoices):
    """As whom somebody scanned; that decides what they were shown."""

    OFFICIAL = "official", _("干部")
    BANK = "bank", _("金融机构")
    OTHER = "other", _("其他用户")


class CodeScan(AppendOnly):
    """Somebody who is no member of the enterprise opened it by its code."""

    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="scans"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("扫码人"), on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(_("身份"), max_length=8, choices=Scanner)
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("扫码记录")
        verbose_name_plural = _("扫码记录")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Scanner.values),
                name="enterprises_codescan_role",
                violation_error_message=_("请写明扫码人的身份。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id}: {self.user_id}"
