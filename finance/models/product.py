"""Credit products and their versions: text, figures and entry conditions at a time, one and indivisible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank, validate_code
from finance.models.history import tracked
from finance.models.vocabulary import Kind, LoanPurpose, ProductState, Repayment, Security
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.versions import Editor

if TYPE_CHECKING:
    from portal.accounts.models import User

PREPARING = (ProductState.DRAFT, ProductState.IN_REVIEW)
MOST_MONTHS = 480
"""Forty years: no loan to a firm runs longer."""
HIGHEST_RATE = 36
"""Percent a year; beyond it no court in this country helps to collect."""


@tracked
class CreditProduct(models.Model):
    """What a bank offers under a code, whatever its versions say."""

    code = models.CharField(_("产品编码"), max_length=40, unique=True, validators=[validate_code])
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="products", verbose_name=_("银行"))
    rule = models.OneToOneField(
        "matching.Rule", models.PROTECT, related_name="credit_product", editable=False, verbose_name=_("规则")
    )
    first_here = models.BooleanField(
        _("全县首款"), default=False, help_text=_("同类产品中第一款在本县推出的。")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("建立人"),
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("信贷产品")
        verbose_name_plural = _("信贷产品")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        """What the version published last is called, before that the draft; its rule bears the same."""
        return self.rule.label

    def get_absolute_url(self) -> str:
        """The product's public page."""
        return f"/finance/products/{self.code}/"


class ProductVersionQuerySet(models.QuerySet["ProductVersion"]):
    """The door to versions."""

    def visible_to(self, actor: User | None) -> ProductVersionQuerySet:
        """What is offered now, for everybody; the rest is the back office's, which asks for roles."""
        return self.offered()

    def offered(self) -> ProductVersionQuerySet:
        """Published versions of products whose bank is on the platform: at most one a product."""
        return self.filter(state=ProductState.PUBLISHED, product__bank__live=True)

    def for_pages(self) -> ProductVersionQuerySet:
        """With what its own page shows, in one query."""
        return self.select_related("product__bank", "rule_version")


def _words(label: Any) -> ArrayField:
    return ArrayField(models.CharField(max_length=100), verbose_name=label, default=list, blank=True)


def _choices(label: Any, among: type[models.TextChoices]) -> ArrayField:
    item = models.CharField(max_length=16, choices=among.choices)
    return ArrayField(item, verbose_name=label, default=list, blank=True)


@tracked
class ProductVersion(models.Model):
    """What a product says at a time; a loan applied for under it keeps it. Stands once it left the draft.

    Rates are percent a year with four places, terms months, money fen; what is not known stays empty and
    is said in the words beside it. `revision` counts the changes of a draft.
    """

    product = models.ForeignKey(
        CreditProduct, models.PROTECT, related_name="versions", verbose_name=_("产品")
    )
    number = models.PositiveIntegerField(_("版次"))
    revision = models.PositiveIntegerField(_("修改次数"), default=0, editable=False)
    rule_version = models.OneToOneField(
        "matching.RuleVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="product_version",
        editable=False,
        verbose_name=_("准入条件"),
    )
    name = models.CharField(_("名称"), max_length=100)
    summary = models.TextField(_("一句话介绍"), blank=True)
    kind = models.CharField(_("种类"), max_length=16, choices=Kind)
    purposes = _choices(_("用途"), LoanPurpose)
    amount_min_fen = models.BigIntegerField(_("最低金额"), null=True, blank=True)
    amount_max_fen = models.BigIntegerField(_("最高金额"), null=True, blank=True)
    amount_note = models.CharField(_("金额说明"), max_length=300, blank=True)
    term_min = models.PositiveSmallIntegerField(_("最短期限（月）"), null=True, blank=True)
    term_max = models.PositiveSmallIntegerField(_("最长期限（月）"), null=True, blank=True)
    term_note = models.CharField(_("期限说明"), max_length=300, blank=True)
    rate_low = models.DecimalField(
        _("最低年利率（%）"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    rate_high = models.DecimalField(
        _("最高年利率（%）"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    rate_note = models.CharField(_("利率说明"), max_length=300, blank=True)
    fee_note = models.CharField(_("其他费用"), max_length=300, blank=True)
    repayments = _choices(_("还款方式"), Repayment)
    securities = _choices(_("担保方式"), Security)
    security_note = models.CharField(_("担保说明"), max_length=300, blank=True)
    targets = _words(_("适合谁"))
    conditions_note = models.TextField(
        _("条件说明"), blank=True, help_text=_("不能由系统核对的条件，原样告诉企业。")
    )
    materials = _words(_("材料"))
    answer_days = models.PositiveSmallIntegerField(
        _("答复时限（工作日）"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    speed_note = models.CharField(_("时效说明"), max_length=300, blank=True)
    channel = models.CharField(_("办理渠道"), max_length=200, blank=True)
    source = models.CharField(_("出处"), max_length=300)
    source_year = models.PositiveSmallIntegerField(_("资料年份"), null=True, blank=True)
    caution = models.CharField(
        _("提醒"), max_length=300, blank=True, help_text=_("资料不全或待核实的，写明。")
    )
    is_example = models.BooleanField(
        _("演示"), default=False, help_text=_("改编的示例，不是银行在本县的承诺；页面标明“演示”。")
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("编写人")
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("发布人"),
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True, editable=False)
    withdrawal_reason = models.TextField(_("下架原因"), blank=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=12, choices=ProductState, default=ProductState.DRAFT, editable=False
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)

    objects = ProductVersionQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=ProductState.DRAFT,
        transitions=(
            Transition("submit", (ProductState.DRAFT,), ProductState.IN_REVIEW, _("提交发布")),
            Transition("return", (ProductState.IN_REVIEW,), ProductState.DRAFT, _("退回修改")),
            Transition("publish", (ProductState.IN_REVIEW,), ProductState.PUBLISHED, _("发布")),
            Transition("supersede", (ProductState.PUBLISHED,), ProductState.SUPERSEDED, _("被新版替代")),
            Transition("withdraw", (ProductState.PUBLISHED,), ProductState.WITHDRAWN, _("下架")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("产品版本")
        verbose_name_plural = _("产品版本")
        ordering = ["product_id", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "number"],
                name="finance_productversion_number_once",
                violation_error_message=_("同一产品的版次不能重复。"),
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=PREPARING),
                name="finance_productversion_one_in_preparation",
                violation_error_message=_("该产品已有一个正在编写的版本，请先完成或修改它。"),
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state=ProductState.PUBLISHED),
                name="finance_productversion_one_published",
                violation_error_message=_("同一产品只能有一个发布的版本。"),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(source=""),
                name="finance_productversion_named",
                violation_error_message=_("请填写产品名称和出处。"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values)
                & Q(purposes__contained_by=LoanPurpose.values)
                & Q(repayments__contained_by=Repayment.values)
                & Q(securities__contained_by=Security.values),
                name="finance_productversion_words",
                violation_error_message=_("种类、用途、还款方式、担保方式请从清单中选择。"),
            ),
            models.CheckConstraint(
                condition=(Q(amount_min_fen=None) | Q(amount_min_fen__gt=0))
                & (Q(amount_max_fen=None) | Q(amount_max_fen__gt=0))
                & (
                    Q(amount_min_fen=None)
                    | Q(amount_max_fen=None)
                    | Q(amount_max_fen__gte=F("amount_min_fen"))
                ),
                name="finance_productversion_amounts",
                violation_error_message=_("金额须大于零，最高金额不低于最低金额。"),
            ),
            models.CheckConstraint(
                condition=(Q(term_min=None) | Q(term_min__range=(1, MOST_MONTHS)))
                & (Q(term_max=None) | Q(term_max__range=(1, MOST_MONTHS)))
                & (Q(term_min=None) | Q(term_max=None) | Q(term_max__gte=F("term_min"))),
                name="finance_productversion_terms",
                violation_error_message=_("期限为 1 至 480 个月，最长不短于最短。"),
            ),
            models.CheckConstraint(
                condition=(Q(rate_low=None) | Q(rate_low__gt=0, rate_low__lte=HIGHEST_RATE))
                & (Q(rate_high=None) | Q(rate_high__gt=0, rate_high__lte=HIGHEST_RATE))
                & (Q(rate_low=None) | Q(rate_high=None) | Q(rate_high__gte=F("rate_low"))),
                name="finance_productversion_rates",
                violation_error_message=_("年利率按百分数填，大于 0、不超过 36，最高不低于最低。"),
            ),
            models.CheckConstraint(
                condition=Q(answer_days=None) | Q(answer_days__range=(1, 250)),
                name="finance_productversion_answer_days",
                violation_error_message=_("答复时限为 1 至 250 个工作日。"),
            ),
            models.CheckConstraint(
                condition=Q(source_year=None) | Q(source_year__range=(2000, 2200)),
                name="finance_productversion_source_year",
                violation_error_message=_("资料年份须在 2000 至 2200 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PREPARING, published_by=None, published_at=None)
                | (
                    ~Q(state__in=PREPARING)
                    & Q(published_by__isnull=False)
                    & Q(published_at__isnull=False)
                    & ~Q(published_by=F("edited_by"))
                ),
                name="finance_productversion_four_eyes",
                violation_error_message=_("编写人不能发布自己写的版本，请由另一人发布。"),
            ),
            models.CheckConstraint(
                condition=Q(state=ProductState.WITHDRAWN) ^ Q(withdrawal_reason=""),
                name="finance_productversion_withdrawn_with_reason",
                violation_error_message=_("下架须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return _("%(name)s（第 %(number)d 版）") % {"name": self.name, "number": self.number}

    def get_absolute_url(self) -> str:
        """The page of the product that this is a version of."""
        return self.product.get_absolute_url()

    @property
    def is_offered(self) -> bool:
        """Whether it is what the product says today."""
        return self.state == ProductState.PUBLISHED


class ProductVersionEditor(Editor):
    """Who wrote a version. Kept by a database trigger from `edited_by`; none of them may publish it."""

    version = models.ForeignKey(
        ProductVersion, models.PROTECT, related_name="editors", verbose_name=_("版本")
    )

    class Meta:
        verbose_name = _("产品编写记录")
        verbose_name_plural = _("产品编写记录")
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="finance_productversion_editor_once")
        ]


class ProductVersionEvent(EventModel):
    """Who moved a version to which state, when and why."""

    subject = models.ForeignKey(ProductVersion, models.PROTECT, related_name="events", verbose_name=_("版本"))

    class Meta(EventModel.Meta):
        verbose_name = _("产品版本动态")
        verbose_name_plural = _("产品版本动态")
