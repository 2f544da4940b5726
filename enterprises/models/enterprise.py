"""The registered market entity."""

import datetime as dt
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.history import tracked
from enterprises.models.reference import Region
from enterprises.uscc import PATTERN as USCC_PATTERN
from portal.notifications.models import Mailbox


class EntityType(models.TextChoices):
    """Kind of market entity; the values are those of the fact ``entity_type``."""

    COMPANY = "company", _("企业")
    INDIVIDUAL = "individual", _("个体工商户")
    COOPERATIVE = "cooperative", _("农民专业合作社")
    FAMILY_FARM = "family_farm", _("家庭农场")
    SOCIAL_ORG = "social_org", _("社会组织")


class Ownership(models.TextChoices):
    """Who owns it; the values are those of the fact ``ownership``."""

    PRIVATE = "private", _("民营")
    STATE = "state", _("国有")
    COLLECTIVE = "collective", _("集体")
    FOREIGN = "foreign", _("外资")


class Status(models.TextChoices):
    """Registration status, as the registry tells it."""

    ACTIVE = "active", _("在营")
    SUSPENDED = "suspended", _("歇业")
    REVOKED = "revoked", _("吊销")
    CANCELLED = "cancelled", _("注销")


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Enterprises, as far as somebody may see them."""

    def visible_to(self, user: Any, on: dt.date | None = None) -> "EnterpriseQuerySet":
        """Those for which the user acts on a day (today): the one door to ``/e/<enterprise>/``."""
        if not user.is_authenticated:
            return self.none()
        day = on or timezone.localdate()
        current = Q(memberships__until__isnull=True) | Q(memberships__until__gte=day)
        return self.filter(current, memberships__user=user)

    def in_business(self) -> "EnterpriseQuerySet":
        """Those that rules are matched against: registered and their credit code not held for checking."""
        return self.filter(status__in=[Status.ACTIVE, Status.SUSPENDED], uscc_confirmed=True)


@tracked
class Enterprise(models.Model):
    """A registered market entity, individual businesses included.

    The registry columns stand here for lists and search; the dated values that rules read are the
    ``FactValue`` rows that ``services.record_registry`` writes beside them.
    """

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    uscc_confirmed = models.BooleanField(
        _("代码已确认"), default=True, help_text=_("校验位不符的代码先由工作人员确认，之后才参与匹配")
    )
    name = models.CharField(_("名称"), max_length=200)
    region = models.ForeignKey(
        Region, verbose_name=_("注册地"), on_delete=models.PROTECT, related_name="enterprises"
    )
    industry = models.CharField(
        _("行业代码"), max_length=4, help_text=_("GB/T 4754-2017 门类字母或 2 至 4 位代码")
    )
    established_on = models.DateField(_("成立日期"), null=True, blank=True)
    entity_type = models.CharField(_("主体类型"), max_length=12, choices=EntityType)
    ownership = models.CharField(_("所有制"), max_length=12, choices=Ownership, blank=True)
    address = models.CharField(_("住所"), max_length=300, blank=True)
    legal_person = models.CharField(_("法定代表人"), max_length=100, blank=True)
    status = models.CharField(_("登记状态"), max_length=10, choices=Status, default=Status.ACTIVE)
    mailbox = models.OneToOneField(
        Mailbox, verbose_name=_("信箱"), on_delete=models.PROTECT, editable=False, related_name="enterprise"
    )
    predecessor = models.ForeignKey(
        "self",
        verbose_name=_("前身"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        help_text=_("个转企、合并或更名前的主体"),
    )
    created_at = models.DateTimeField(_("录入时间"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["region", "id"], name="enterprises_ent_region"),
            models.Index(fields=["name"], name="enterprises_ent_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="enterprises_ent_name_words"),
            GinIndex(fields=["uscc"], opclasses=["gin_trgm_ops"], name="enterprises_ent_code_parts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(uscc__regex=USCC_PATTERN),
                name="enterprises_enterprise_uscc",
                violation_error_message=_("统一社会信用代码应为 18 位规范写法。"),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="enterprises_enterprise_named",
                violation_error_message=_("请填写企业名称。"),
            ),
            models.CheckConstraint(
                condition=Q(industry__regex=r"^([A-T]|\d{2,4})$"),
                name="enterprises_enterprise_industry",
                violation_error_message=_("行业代码应为一个门类字母或 2 至 4 位数字。"),
            ),
            models.CheckConstraint(
                condition=Q(entity_type__in=EntityType.values),
                name="enterprises_enterprise_entity_type",
                violation_error_message=_("请选择主体类型。"),
            ),
            models.CheckConstraint(
                condition=Q(ownership__in=["", *Ownership.values]),
                name="enterprises_enterprise_ownership",
                violation_error_message=_("请选择所有制。"),
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values),
                name="enterprises_enterprise_status",
                violation_error_message=_("请选择登记状态。"),
            ),
            models.CheckConstraint(
                condition=Q(established_on__isnull=True) | Q(established_on__gte=dt.date(1900, 1, 1)),
                name="enterprises_enterprise_established",
                violation_error_message=_("成立日期过早，请核对。"),
            ),
            models.CheckConstraint(
                condition=Q(predecessor__isnull=True) | ~Q(predecessor=models.F("id")),
                name="enterprises_enterprise_not_own_predecessor",
                violation_error_message=_("前身不能是企业自己。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
