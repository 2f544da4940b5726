"""The three kinds of teams, those who serve in them, what they offer and how they are rated."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from appeals.enums import Side, Standing, TeamKind
from appeals.models.appeal import Category
from appeals.models.order import WorkOrder
from portal.accounts.models import Department
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition


class Team(models.Model):
    """One of the teams (队伍) of the three kinds."""

    kind = models.CharField(_("性质"), max_length=12, choices=TeamKind)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    description = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("队伍")
        verbose_name_plural = _("队伍")
        ordering = ["kind", "pk"]

    def __str__(self) -> str:
        return self.name


class Provider(models.Model):
    """Who serves enterprises in a team (服务机构): a public service centre, an association, a firm."""

    team = models.ForeignKey(Team, verbose_name=_("队伍"), on_delete=models.PROTECT, related_name="providers")
    name = models.CharField(_("名称"), max_length=100, unique=True)
    department = models.ForeignKey(
        Department,
        verbose_name=_("行业主管部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    description = models.TextField(_("介绍"), blank=True)
    categories = models.ManyToManyField(
        Category, verbose_name=_("可接类别"), blank=True, related_name="providers"
    )
    cap = models.PositiveSmallIntegerField(_("在办上限"), default=5)
    standing = models.CharField(
        _("状态"), max_length=8, choices=Standing, default=Standing.ACTIVE, editable=False
    )
    standing_reason = models.CharField(_("状态说明"), max_length=300, blank=True, editable=False)
    lifted_at = models.DateTimeField(
        _("恢复时间"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("预警、下架只看恢复之后的评价"),
    )
    joined_on = models.DateField(_("入库日期"), null=True, blank=True)

    machine = Machine(
        "standing",
        initial=Standing.ACTIVE,
        transitions=(
            Transition("warn", (Standing.ACTIVE,), Standing.WARNED, _("预警")),
            Transition("remove", (Standing.ACTIVE, Standing.WARNED), Standing.REMOVED, _("下架")),
            Transition("lift", (Standing.WARNED, Standing.REMOVED), Standing.ACTIVE, _("恢复")),
        ),
    )

    class Meta:
        verbose_name = _("服务机构")
        verbose_name_plural = _("服务机构")
        ordering = ["team__kind", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing=Standing.ACTIVE) | ~Q(standing_reason=""),
                name="appeals_provider_reason",
                violation_error_message=_("预警或下架须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProviderEvent(EventModel):
    """A provider was warned, removed, or taken back."""

    subject = models.ForeignKey(
        Provider, verbose_name=_("服务机构"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("机构奖惩")
        verbose_name_plural = _("机构奖惩")


class ProviderMember(models.Model):
    """A user who acts for a provider; the provider stands in the address, as enterprises do."""

    provider = models.ForeignKey(
        Provider, verbose_name=_("服务机构"), on_delete=models.CASCADE, related_name="members"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("用户"),
        on_delete=models.CASCADE,
        related_name="provider_memberships",
    )

    class Meta:
        verbose_name = _("机构人员")
        verbose_name_plural = _("机构人员")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "user"],
                name="appeals_providermember_once",
                violation_error_message=_("该用户已是这家机构的人员。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.provider}"


class ServiceItem(models.Model):
    """What a provider offers (服务产品): what, how soon, for how much."""

    provider = models.ForeignKey(
        Provider, verbose_name=_("服务机构"), on_delete=models.PROTECT, related_name="services"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("类别"), on_delete=models.PROTECT, related_name="services"
    )
    name = models.CharField(_("名称"), max_length=80)
    description = models.TextField(_("内容"), blank=True)
    price_low_fen = models.BigIntegerField(_("最低价（分）"), default=0)
    price_high_fen = models.BigIntegerField(_("最高价（分）"), null=True, blank=True)
    price_note = models.CharField(_("价格说明"), max_length=100, blank=True)
    days = models.PositiveSmallIntegerField(_("办理时限（工作日）"), null=True, blank=True)
    active = models.BooleanField(_("上架"), default=True)

    class Meta:
        verbose_name = _("服务产品")
        verbose_name_plural = _("服务产品")
        ordering = ["category__position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name"],
                name="appeals_serviceitem_once",
                violation_error_message=_("该机构已有同名产品。"),
            ),
            models.CheckConstraint(
                condition=Q(price_low_fen__gte=0)
                & (Q(price_high_fen=None) | Q(price_high_fen__gte=F("price_low_fen"))),
                name="appeals_serviceitem_price",
                violation_error_message=_("价格不能为负，最高价不低于最低价。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


STARS = (MinValueValidator(1), MaxValueValidator(5))


class Rating(AppendOnly):
    """Stars that one side gives a provider for one order."""

    order = models.ForeignKey(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="ratings"
    )
    provider = models.ForeignKey(
        Provider, verbose_name=_("服务机构"), on_delete=models.PROTECT, related_name="ratings"
    )
    side = models.CharField(_("评价方"), max_length=10, choices=Side)
    stars = models.PositiveSmallIntegerField(_("星级"), validators=STARS)
    comment = models.CharField(_("评语"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("评价人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("机构评价")
        verbose_name_plural = _("机构评价")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "side"],
                name="appeals_rating_once",
                violation_error_message=_("这张工单已经评过。"),
            ),
            models.CheckConstraint(
                condition=Q(stars__range=(1, 5)),
                name="appeals_rating_stars",
                violation_error_message=_("一星到五星。"),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(stars)d 星") % {"stars": self.stars})


class RatingWeight(models.Model):
    """How much a side's stars count, in percent; Yuyao's 30/50/20 to begin with."""

    side = models.CharField(_("评价方"), max_length=10, choices=Side, unique=True)
    percent = models.PositiveSmallIntegerField(_("权重（%）"), validators=[MaxValueValidator(100)])

    class Meta:
        verbose_name = _("评价权重")
        verbose_name_plural = _("评价权重")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__range=(0, 100)),
                name="appeals_ratingweight_percent",
                violation_error_message=_("权重在 0 到 100 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.percent}%"


class ProviderRule(models.Model):
    """When a provider is warned or removed: weighted stars below a bound after at least so many orders."""

    standing = models.CharField(_("处理"), max_length=8, choices=Standing, unique=True)
    below = models.DecimalField(_("综合星级低于"), max_digits=3, decimal_places=2)
    orders = models.PositiveSmallIntegerField(_("至少评价单数"), default=3)

    class Meta:
        verbose_name = _("预警与下架规则")
        verbose_name_plural = _("预警与下架规则")
        constraints = [
            models.CheckConstraint(
                condition=~Q(standing=Standing.ACTIVE) & Q(below__range=(1, 5)),
                name="appeals_providerrule_bound",
                violation_error_message=_("星级界限在 1 到 5 之间，处理为预警或下架。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_standing_display()} < {self.below}"
