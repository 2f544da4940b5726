"""An application: an enterprise's claim on an item, from draft to decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from policies.enums import DECIDED, EDITABLE, UNDER_REVIEW, ApplicationState, Outcome
from policies.models.item import PolicyItem
from policies.models.version import ItemVersion
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from enterprises.actors import Actor

S = ApplicationState
PROPOSED_AND_AFTER = (S.PROPOSED, S.NOTICED, *DECIDED)
IN_HAND: Final = (*UNDER_REVIEW, S.RETURNED)
"""Somebody reviews them."""
MOST_BYTES: Final = 100_000
"""Of the answers and notes of an application together, as PostgreSQL writes them in UTF-8."""


def bytes_of(answers: Any, notes: Any) -> Func:
    """How long answers and notes are together, worked out by the database."""
    return Func(
        answers,
        notes,
        arg_joiner="::text || ",
        output_field=models.IntegerField(),
        template="octet_length(%(expressions)s::text)",
    )


class ApplicationQuerySet(models.QuerySet["Application"]):
    """The door to applications."""

    def of(self, actor: Actor) -> ApplicationQuerySet:
        """Those of the enterprise acted for."""
        return self.filter(enterprise=actor.enterprise)

    def at(self, departments: set[int]) -> ApplicationQuerySet:
        """What departments have to do with, drafts never: they lead, or were asked for their opinion.

        Not those of which nobody waits for their opinion any more.
        """
        asked = self.model._base_manager.filter(
            opinions__department__in=departments, opinions__recalled_at=None
        )
        leads = Q(item__department__in=departments)
        return self.exclude(state=S.DRAFT).filter(leads | Q(pk__in=asked.values("pk")))

    def for_lists(self) -> ApplicationQuerySet:
        """With what a row of a list shows, in one query."""
        return self.select_related("enterprise", "version__item__department", "reviewer").defer(
            "answers", "version__materials", "version__steps", "version__contacts"
        )


class Application(models.Model):
    """An application (申报). Of an enterprise, item and period one at a time is alive.

    `answers` are the applicant's own words by question (see `policies.applying.questions`): the form saves
    them as typed. What was judged at each sending is frozen as `Evidence`. `revision` counts the savings: who
    saves on a page that is no longer true is told, and loses nothing.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="applications"
    )
    item = models.ForeignKey(
        PolicyItem, verbose_name=_("事项"), on_delete=models.PROTECT, related_name="applications"
    )
    version = models.ForeignKey(
        ItemVersion, verbose_name=_("版本"), on_delete=models.PROTECT, related_name="applications"
    )
    period = models.PositiveSmallIntegerField(_("年度"), help_text=_("申报哪一年度的；同一年度只能享受一次"))
    answers = models.JSONField(_("填报内容"), default=dict, blank=True)
    notes = models.JSONField(
        _("材料说明"), default=dict, blank=True, help_text=_("没有文件的材料，为什么没有")
    )
    contact_name = models.CharField(_("联系人"), max_length=50, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    revision = models.PositiveIntegerField(_("保存次数"), default=0, editable=False)
    filler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("经办人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    state = models.CharField(_("状态"), max_length=10, choices=S, default=S.DRAFT, editable=False)
    started_at = models.DateTimeField(_("开始填写"), default=timezone.now, editable=False)
    saved_at = models.DateTimeField(_("最近保存"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, editable=False)
    due_at = models.DateTimeField(
        _("最近到期"),
        null=True,
        editable=False,
        help_text=_("正在计时的时限中最早的一个，由数据库随时限更新；没有正在计时的为空"),
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("审核人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    outcome = models.CharField(_("拟定"), max_length=8, choices=Outcome, blank=True, editable=False)
    amount_fen = models.BigIntegerField(_("核定金额（分）"), null=True, editable=False)
    clause = models.CharField(_("依据条款"), max_length=300, blank=True, editable=False)
    reason = models.TextField(_("理由"), blank=True, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("拟定人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("加签人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("审定人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, editable=False)
    idempotency_key = models.CharField(max_length=64, blank=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=S.DRAFT,
        transitions=(
            Transition("submit", (S.DRAFT, S.RETURNED), S.SUBMITTED, _("提交")),
            Transition("accept", (S.SUBMITTED,), S.REVIEWING, _("受理")),
            Transition("return", (S.SUBMITTED, S.REVIEWING), S.RETURNED, _("退回补正")),
            Transition("consult", (S.REVIEWING,), S.JOINT, _("提请联审")),
            Transition("hear", (S.JOINT,), S.REVIEWING, _("联审完成")),
            Transition("propose", (S.REVIEWING,), S.PROPOSED, _("拟定意见")),
            Transition("rework", (S.PROPOSED, S.NOTICED), S.REVIEWING, _("退回重审")),
            Transition("notice", (S.PROPOSED,), S.NOTICED, _("公示")),
            Transition("approve", (S.PROPOSED, S.NOTICED), S.APPROVED, _("审定通过")),
            Transition("refuse", (S.PROPOSED,), S.REFUSED, _("审定不予支持")),
            Transition(
                "withdraw", (S.SUBMITTED, S.RETURNED, S.REVIEWING, S.JOINT), S.WITHDRAWN, _("企业撤回")
            ),
        ),
    )

    class Meta:
        verbose_name = _("申报")
        verbose_name_plural = _("申报")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="policies_application_own"),
            models.Index(fields=["item", "state", "due_at", "id"], name="policies_application_urgent"),
            models.Index(
                fields=["reviewer", "due_at", "id"],
                condition=Q(state__in=IN_HAND),
                name="policies_application_in_hand",
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="policies_application_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "item", "period"],
                condition=~Q(state__in=(S.REFUSED, S.WITHDRAWN)),
                name="policies_application_one_alive",
                violation_error_message=_("本企业已有一件同一年度的申报，请在“我的申报”里继续办理。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="policies_application_filed_once",
                violation_error_message=_("这件申报已经提交过。"),
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(bytes_of(F("answers"), F("notes")), MOST_BYTES),
                name="policies_application_bounded",
                violation_error_message=_("填报的内容太多，长的请写成附件上传。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT, submitted_at=None)
                | ~Q(state=S.DRAFT) & Q(submitted_at__isnull=False),
                name="policies_application_submitted",
                violation_error_message=_("提交的申报须有提交时间，草稿没有。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=EDITABLE)
                | Q(state=S.WITHDRAWN)
                | ~Q(contact_name="") & ~Q(contact_phone=""),
                name="policies_application_contact",
                violation_error_message=_("请填写联系人和联系电话。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PROPOSED_AND_AFTER, proposed_by__isnull=False) & ~Q(outcome="")
                | ~Q(state__in=PROPOSED_AND_AFTER) & Q(outcome="", proposed_by=None, amount_fen=None),
                name="policies_application_proposed",
                violation_error_message=_("拟定意见须写明结论和拟定人。"),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=None) | Q(amount_fen__gte=0, outcome=Outcome.APPROVE),
                name="policies_application_amount",
                violation_error_message=_("只有拟同意的申报有核定金额，且不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by=None)
                | Q(state__in=PROPOSED_AND_AFTER, outcome=Outcome.APPROVE)
                & ~Q(countersigned_by=F("proposed_by")),
                name="policies_application_countersigned",
                violation_error_message=_("拟定意见的人不能自己加签，请由另一位负责人办理。"),
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.REFUSE) | ~Q(clause="") & ~Q(reason=""),
                name="policies_application_refused_with_reason",
                violation_error_message=_("不予支持须写明依据条款和理由。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | ~Q(state__in=DECIDED) & Q(decided_by=None, decided_at=None),
                name="policies_application_decided",
                violation_error_message=_("决定须有审定人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="policies_application_four_eyes",
                violation_error_message=_("拟定意见的人不能自己审定，请由另一人办理。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=S.APPROVED) | Q(outcome=Outcome.APPROVE),
                name="policies_application_approved_as_proposed",
                violation_error_message=_("审定通过的须是拟同意的申报。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REFUSED) | Q(outcome=Outcome.REFUSE),
                name="policies_application_refused_as_proposed",
                violation_error_message=_("审定不予支持的须是拟不予支持的申报。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.version.title}"

    def get_absolute_url(self) -> str:
        """The enterprise's own page of it."""
        return f"/e/{self.enterprise_id}/applications/{self.number}/"

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return ApplicationState(self.state).colour

    @property
    def is_editable(self) -> bool:
        """Whether the enterprise may change what it says."""
        return self.state in EDITABLE


class ApplicationEvent(EventModel):
    """Who did what to an application, when and why."""

    subject = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("申报经过")
        verbose_name_plural = _("申报经过")


class ApplicationRating(AppendOnly):
    """What the enterprise says of how it was served (评), once, after the decision."""

    application = models.OneToOneField(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="rating"
    )
    stars = models.PositiveSmallIntegerField(
        _("评分"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.TextField(_("意见"), max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("评价人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("申报评价")
        verbose_name_plural = _("申报评价")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__range=(1, 5)),
                name="policies_applicationrating_stars",
                violation_error_message=_("请评一至五星。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars} ★"
