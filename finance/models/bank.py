"""Banks, their branches and the people who act for them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models import Grantee, Region
from enterprises.uscc import PATTERN as USCC_PATTERN
from finance.models.history import tracked
from finance.models.vocabulary import Post

validate_code = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]{1,39}\Z", _("编码由大写字母、数字和连字符组成，2 至 40 位。"), code="code"
)

_EVER = dt.date(9999, 12, 31)


class BankQuerySet(models.QuerySet["Bank"]):
    """Banks by who sees them."""

    def live(self) -> BankQuerySet:
        """Those that work with the platform: what the public sees."""
        return self.filter(live=True)


@tracked
class Bank(models.Model):
    """A bank that offers credit here. `code` is stable; files of reference data know it by that."""

    code = models.CharField(_("编码"), max_length=40, unique=True, validators=[validate_code])
    name = models.CharField(_("名称"), max_length=100, unique=True)
    short = models.CharField(_("简称"), max_length=20, unique=True)
    uscc = models.CharField(
        _("统一社会信用代码"),
        max_length=18,
        unique=True,
        null=True,
        blank=True,
        help_text=_("未核实的留空。"),
    )
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    grantee = models.OneToOneField(
        Grantee,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="bank",
        verbose_name=_("被授权机构"),
        help_text=_("企业的授权给它；第一次需要时按名称和统一社会信用代码登记。"),
    )
    live = models.BooleanField(_("在平台上线"), default=True, help_text=_("下线后产品不再展示。"))
    is_example = models.BooleanField(
        _("演示"), default=False, help_text=_("演示数据中的银行，与同名机构无关；页面标明“演示”。")
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)

    objects = BankQuerySet.as_manager()

    class Meta:
        verbose_name = _("银行")
        verbose_name_plural = _("银行")
        ordering = ["short"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(short=""),
                name="finance_bank_named",
                violation_error_message=_("请填写银行的名称和简称。"),
            ),
            models.CheckConstraint(
                condition=Q(uscc=None) | Q(uscc__regex=USCC_PATTERN),
                name="finance_bank_uscc",
                violation_error_message=_("统一社会信用代码应为 18 位规范写法。"),
            ),
        ]

    def __str__(self) -> str:
        return self.short


@tracked
class Branch(models.Model):
    """A branch (网点) of a bank."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="branches", verbose_name=_("银行"))
    name = models.CharField(_("名称"), max_length=100)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("所在地")
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("网点")
        verbose_name_plural = _("网点")
        ordering = ["bank__short", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "name"],
                name="finance_branch_once",
                violation_error_message=_("这家银行已有同名网点。"),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="finance_branch_named",
                violation_error_message=_("请填写网点名称。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BankOfficerQuerySet(models.QuerySet["BankOfficer"]):
    """Officers by whether they act today."""

    def serving(self, day: dt.date) -> BankOfficerQuerySet:
        """Those whose post holds on the day."""
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


@tracked
class BankOfficer(models.Model):
    """Somebody acts for a bank (or one branch of it) from `since` until the day before `until`.

    Nobody serves two banks at a time: what one bank was allowed to read is not the other's.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bank_posts", verbose_name=_("用户")
    )
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="officers", verbose_name=_("银行"))
    branch = models.ForeignKey(
        Branch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="officers",
        verbose_name=_("网点"),
        help_text=_("空表示全行。"),
    )
    role = models.CharField(_("岗位"), max_length=8, choices=Post, default=Post.OFFICER)
    since = models.DateField(_("任职自"), default=timezone.localdate)
    until = models.DateField(_("任职止"), null=True, blank=True, help_text=_("自这一天起不再任职。"))

    objects = BankOfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("银行人员")
        verbose_name_plural = _("银行人员")
        ordering = ["bank__short", "user_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Post.values),
                name="finance_bankofficer_role",
                violation_error_message=_("请选择岗位。"),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="finance_bankofficer_period",
                violation_error_message=_("任职止须晚于任职自。"),
            ),
            ExclusionConstraint(
                name="finance_bankofficer_one_bank",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("since"),
                            Greatest("since", Coalesce("until", Value(_EVER))),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("该用户在这段时间已在一家银行任职，请先填写那边的任职止。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.bank}"

    def clean(self) -> None:
        """Raises ValidationError for a branch of another bank, which the database refuses too."""
        if self.branch_id and self.bank_id and self.branch.bank_id != self.bank_id:  # type: ignore[union-attr]
            raise ValidationError({"branch": _("这个网点不是这家银行的。")})
