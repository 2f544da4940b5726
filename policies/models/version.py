"""A version of an item: text, window, materials and rule at a time, one and indivisible."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.access import prepared_by
from policies.enums import Basis, Benefit, Level, Mode, VersionState
from policies.models.document import PolicyDocument
from policies.models.history import tracked
from policies.models.item import PolicyItem
from policies.schema import validate_adaptation, validate_contacts, validate_materials, validate_steps
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.versions import Editor

if TYPE_CHECKING:
    from policies.shelf import Entry
    from portal.accounts.requests import Visitor

_PREPARING = (VersionState.DRAFT, VersionState.IN_REVIEW)
_LONG = (
    "where",
    "window_note",
    "materials",
    "steps",
    "contacts",
    "handling_note",
    "withdrawal_reason",
    "rule_version__conditions",
    "rule_version__amount",
    "rule_version__examples",
)
"""What only an item's own page needs."""


class VersionQuerySet(models.QuerySet["ItemVersion"]):
    """The door to versions."""

    def visible_to(self, actor: Visitor | None) -> VersionQuerySet:
        """Everybody reads what was ever published; what is in preparation, only those who prepare it."""
        return self.filter(~Q(state__in=_PREPARING) | prepared_by(actor, "item__department"))

    def in_force(self, day: datetime.date) -> VersionQuerySet:
        """Published versions whose rule is valid on a day: at most one an item."""
        return self.filter(state=VersionState.PUBLISHED, rule_version__valid__contains=day)

    def shown_on(self, day: datetime.date) -> ItemVersion | None:
        """Of one item's versions, what a page shows: the one in force, else the last that was, else what is
        to come, and only when nothing was ever published what is in preparation."""
        public = self.visible_to(None)
        choices = (
            self.in_force(day),
            public.filter(rule_version__valid__startswith__lte=day).order_by("-number"),
            public.filter(state=VersionState.PUBLISHED).order_by("number"),
            self.order_by("-number"),
        )
        return next((found for one in choices if (found := one.first()) is not None), None)

    def open_on(self, day: datetime.date) -> VersionQuerySet:
        """Those that can be claimed on a day: the window is open (an absent bound is no bound)."""
        return self.filter(
            Q(window_from=None) | Q(window_from__lte=day), Q(window_to=None) | Q(window_to__gte=day)
        )

    def for_lists(self) -> VersionQuerySet:
        """With what a list row shows, in one query."""
        return self.select_related("item__department", "rule_version").defer(*_LONG)

    def for_pages(self) -> VersionQuerySet:
        """With what its own page shows, in one query."""
        return self.select_related("item__department", "rule_version")


@tracked
class ItemVersion(models.Model):
    """What an item says at a time. Immutable once it has left the draft state."""

    item = models.ForeignKey(PolicyItem, models.PROTECT, related_name="versions", verbose_name=_("事项"))
    number = models.PositiveIntegerField(_("版次"))
    rule_version = models.OneToOneField(
        "matching.RuleVersion", models.PROTECT, related_name="item_version", verbose_name=_("规则版本")
    )
    title = models.CharField(_("名称"), max_length=200)
    summary = models.TextField(_("说明"), help_text=_("给谁、做什么用，一两句话。"))
    gain = models.TextField(_("能得到什么"), help_text=_("一句话；文件没有给数字时如实写明。"))
    benefit = models.CharField(_("惠及方式"), max_length=16, choices=Benefit.choices)
    mode = models.CharField(_("办理方式"), max_length=16, choices=Mode.choices)
    where = models.TextField(
        _("去哪办"), blank=True, help_text=_("线下或其他平台办理的，写明地点、网址和问谁。")
    )
    level = models.CharField(_("级别"), max_length=16, choices=Level.choices)
    region = models.CharField(_("适用地区代码"), max_length=12, blank=True, help_text=_("空表示全国。"))
    topics = ArrayField(models.CharField(max_length=40), verbose_name=_("主题"), default=list, blank=True)
    targets = ArrayField(
        models.CharField(max_length=40), verbose_name=_("惠及对象"), default=list, blank=True
    )
    window_from = models.DateField(_("申报开始"), null=True, blank=True)
    window_to = models.DateField(_("申报截止"), null=True, blank=True)
    window_note = models.TextField(_("申报时间说明"), blank=True)
    materials = models.JSONField(_("材料"), default=list, blank=True, validators=[validate_materials])
    steps = models.JSONField(_("流程"), default=list, blank=True, validators=[validate_steps])
    contacts = models.JSONField(_("咨询"), default=list, blank=True, validators=[validate_contacts])
    handling_workdays = models.PositiveSmallIntegerField(_("办理时限（工作日）"), null=True, blank=True)
    handling_note = models.TextField(_("办理时限说明"), blank=True)
    budget_fen = models.BigIntegerField(_("预算（分）"), null=True, blank=True)
    quota = models.PositiveIntegerField(_("名额"), null=True, blank=True)
    exclusivity_group = models.CharField(
        _("就高不重复组"), max_length=64, blank=True, help_text=_("同组事项只能享受一项，取高者。")
    )
    grants = models.CharField(
        _("取得的资质"),
        max_length=60,
        blank=True,
        help_text=_("办成后取得的资质；已持有的企业显示“已取得”，不再提醒。"),
    )
    adapted_from = models.JSONField(
        _("改编自"),
        null=True,
        blank=True,
        validators=[validate_adaptation],
        help_text=_("外地或往年政策改编为示例时写明 label、place、document、note；页面显示“改编示例”。"),
    )
    amount_max_fen = models.BigIntegerField(
        _("最高金额（分）"), null=True, blank=True, editable=False, help_text=_("由规则算出，用于排序。")
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
    withdrawal_reason = models.TextField(_("撤回原因"), blank=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=16, choices=VersionState.choices, default=VersionState.DRAFT, editable=False
    )
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    objects = VersionQuerySet.as_manager()
    rivals: tuple[Entry, ...] = ()
    """Others of which only one may be enjoyed, once `policies.exclusive.name_rivals` has named them."""

    machine = Machine(
        "state",
        initial=VersionState.DRAFT,
        transitions=(
            Transition("submit", (VersionState.DRAFT,), VersionState.IN_REVIEW, _("提交发布")),
            Transition("return", (VersionState.IN_REVIEW,), VersionState.DRAFT, _("退回修改")),
            Transition("publish", (VersionState.IN_REVIEW,), VersionState.PUBLISHED, _("发布")),
            Transition("supersede", (VersionState.PUBLISHED,), VersionState.SUPERSEDED, _("被新版替代")),
            Transition("withdraw", (VersionState.PUBLISHED,), VersionState.WITHDRAWN, _("撤回")),
            Transition("expire", (VersionState.PUBLISHED,), VersionState.EXPIRED, _("到期")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("事项版本")
        verbose_name_plural = _("事项版本")
        ordering = ["item_id", "-number"]
        indexes = [
            GinIndex(fields=["topics"], name="policies_version_topics"),
            GinIndex(fields=["targets"], name="policies_version_targets"),
            models.Index(fields=["state", "-published_at"], name="policies_version_published"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "number"],
                name="policies_version_number_once",
                violation_error_message=_("同一事项的版次不能重复。"),
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=_PREPARING),
                name="policies_version_one_in_preparation",
                violation_error_message=_("该事项已有一个正在编写的版本，请先完成或修改它。"),
            ),
            models.CheckConstraint(
                condition=Q(window_from=None) | Q(window_to=None) | Q(window_to__gte=F("window_from")),
                name="policies_version_window_in_order",
                violation_error_message=_("申报截止日不能早于开始日。"),
            ),
            models.CheckConstraint(
                condition=Q(budget_fen=None) | Q(budget_fen__gte=0),
                name="policies_version_budget_not_negative",
                violation_error_message=_("预算不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_PREPARING, published_by=None, published_at=None)
                | (
                    ~Q(state__in=_PREPARING)
                    & Q(published_by__isnull=False)
                    & Q(published_at__isnull=False)
                    & ~Q(published_by=F("edited_by"))
                ),
                name="policies_version_four_eyes",
                violation_error_message=_("编写人不能发布自己写的版本，请由另一人发布。"),
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.WITHDRAWN) ^ Q(withdrawal_reason=""),
                name="policies_version_withdrawn_with_reason",
                violation_error_message=_("撤回须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(title)s（第 %(number)d 版）") % {"title": self.title, "number": self.number})

    def get_absolute_url(self) -> str:
        """The page of the item that this is a version of."""
        return self.item.get_absolute_url()

    @property
    def is_adapted(self) -> bool:
        """Whether this comes from another place and is shown as 改编示例."""
        return self.adapted_from is not None

    def get_mode_display(self) -> str:  # type: ignore[no-redef]
        """As Django has it, which would hash all labels each time; lists ask it of every row."""
        return str(Mode(self.mode).label) if self.mode in Mode else self.mode

    def get_benefit_display(self) -> str:  # type: ignore[no-redef]
        """See `get_mode_display`."""
        return str(Benefit(self.benefit).label) if self.benefit in Benefit else self.benefit

    @property
    def has_ended(self) -> bool:
        """Whether it was withdrawn, superseded or has expired: to be read, not to be acted on.

        The state of one whose last day is over follows at night.
        """
        if self.state != VersionState.PUBLISHED:
            return self.state not in _PREPARING
        valid = self.rule_version.valid
        return bool(valid and valid.upper is not None and valid.upper <= timezone.localdate())

    @property
    def is_coming(self) -> bool:
        """Whether it is published and its first day is yet to come: nobody is judged by it."""
        begins = self.rule_version.begins
        return self.state == VersionState.PUBLISHED and begins is not None and begins > timezone.localdate()

    @property
    def is_in_force(self) -> bool:
        """Whether enterprises are judged by it today."""
        return self.state == VersionState.PUBLISHED and not self.has_ended and not self.is_coming

    def is_open(self, day: datetime.date) -> bool:
        """Whether the window is open on a day; an absent bound is no bound."""
        return (self.window_from is None or self.window_from <= day) and (
            self.window_to is None or day <= self.window_to
        )

    def clean(self) -> None:
        """Fields as the forms check them, beside the constraints."""
        if self.mode in (Mode.OFFLINE, Mode.ELSEWHERE) and not self.where.strip():
            raise ValidationError({"where": _("线下或其他平台办理的事项，须写明去哪办、问谁。")})


class VersionSource(models.Model):
    """Which clause of which document a version comes from."""

    version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="sources", verbose_name=_("版本"))
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    document = models.ForeignKey(
        PolicyDocument, models.PROTECT, related_name="cited_by", verbose_name=_("文件")
    )
    clause = models.CharField(_("条款"), max_length=200, blank=True)
    basis = models.CharField(_("依据"), max_length=8, choices=Basis.choices, default=Basis.STATED)
    note = models.TextField(_("备注"), blank=True)

    class Meta:
        verbose_name = _("出处")
        verbose_name_plural = _("出处")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.document} {self.clause}".strip()


class VersionEditor(Editor):
    """Who wrote a version. Kept by a database trigger from `edited_by`; none of them may publish it."""

    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="editors", verbose_name=_("版本"))

    class Meta:
        verbose_name = _("编写记录")
        verbose_name_plural = _("编写记录")
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="policies_version_editor_once")
        ]


class ItemVersionEvent(EventModel):
    """Who moved a version to which state, when and why."""

    subject = models.ForeignKey(ItemVersion, models.PROTECT, related_name="events", verbose_name=_("版本"))

    class Meta(EventModel.Meta):
        verbose_name = _("版本动态")
        verbose_name_plural = _("版本动态")
