"""What departments say of an application, and who stands in for a reviewer."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.enums import Stance
from policies.models.applying.application import Application
from portal.accounts.models import Department
from portal.accounts.roles import Role


class OpinionQuerySet(models.QuerySet["Opinion"]):
    """Opinions by whether somebody waits for them."""

    def awaited(self) -> OpinionQuerySet:
        """Neither given nor recalled."""
        return self.filter(stance="", recalled_at=None)


class Opinion(models.Model):
    """What one department was asked in a joint review (联审) and what it said. Silence stays silence.

    `recalled_at`: since when nobody waits for it any more; what was asked stands all the same.
    """

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="opinions"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="+"
    )
    question = models.CharField(_("请核什么"), max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提请人"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("提请时间"), default=timezone.now)
    stance = models.CharField(_("意见"), max_length=8, choices=Stance, blank=True)
    text = models.TextField(_("说明"), max_length=2000, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("出具人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    given_at = models.DateTimeField(_("出具时间"), null=True, blank=True)
    recalled_at = models.DateTimeField(_("不再等待时间"), null=True, blank=True, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("联审意见")
        verbose_name_plural = _("联审意见")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "department"],
                condition=Q(stance="", recalled_at=None),
                name="policies_opinion_one_open",
                violation_error_message=_("已经提请该部门联审，正在等它的意见。"),
            ),
            models.CheckConstraint(
                condition=Q(stance="", given_by=None, given_at=None)
                | ~Q(stance="") & Q(given_by__isnull=False, given_at__isnull=False),
                name="policies_opinion_given",
                violation_error_message=_("联审意见须有结论、出具人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(recalled_at=None) | Q(stance=""),
                name="policies_opinion_recalled",
                violation_error_message=_("已出具的意见不能收回。"),
            ),
            models.CheckConstraint(
                condition=~Q(stance=Stance.OBJECT) | ~Q(text=""),
                name="policies_opinion_objects_with_reason",
                violation_error_message=_("不同意须写明理由。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} · {self.words}"

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for it: it is neither given nor recalled."""
        return not self.stance and self.recalled_at is None

    @property
    def words(self) -> str:
        """What it came to."""
        if self.recalled_at is not None:
            return str(_("没有出具，不再等待"))
        return self.get_stance_display() or str(_("未出具"))

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        if self.is_awaited:
            return "due"
        return {Stance.AGREE.value: "done", Stance.OBJECT.value: "late"}.get(self.stance, "plain")


class TemplateUse(models.TextChoices):
    """Where a template of words is offered."""

    RETURN = "return", _("补正")
    APPROVE = "approve", _("拟同意")
    REFUSE = "refuse", _("拟不予支持")
    OPINION = "opinion", _("联审")


class OpinionTemplate(models.Model):
    """Words that a department writes often; without a department they are everybody's."""

    department = models.ForeignKey(
        Department,
        verbose_name=_("部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    use = models.CharField(_("用于"), max_length=8, choices=TemplateUse)
    title = models.CharField(_("名称"), max_length=60)
    text = models.TextField(_("内容"), max_length=1000)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("意见模板")
        verbose_name_plural = _("意见模板")
        ordering = ["use", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "use", "title"],
                nulls_distinct=False,
                name="policies_opiniontemplate_once",
                violation_error_message=_("已有同名模板。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ReviewDelegation(models.Model):
    """Who reviews in somebody's place while they are away, in one department, both days included."""

    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="+"
    )
    away = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("外出的人"), on_delete=models.PROTECT, related_name="+"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("代办人"),
        on_delete=models.PROTECT,
        related_name="review_delegations",
    )
    first_day = models.DateField(_("自"))
    last_day = models.DateField(_("至"))
    reason = models.CharField(_("事由"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("审核代办")
        verbose_name_plural = _("审核代办")
        ordering = ["-first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="policies_reviewdelegation_in_order",
                violation_error_message=_("结束日不能早于开始日。"),
            ),
            models.CheckConstraint(
                condition=~Q(away=F("substitute")),
                name="policies_reviewdelegation_to_another",
                violation_error_message=_("代办人须是另一人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.away} → {self.substitute}"

    def clean(self) -> None:
        """Raises ValidationError unless the one reviews there and the other is an official in service.

        Who decides for two people at once is no matter of this row: overlapping ones are fine.
        """
        wrong = {}
        if self.away_id and self.department_id and not self._reviews_there():
            wrong["away"] = _("外出的人在这个部门没有审核或领导岗位，不需要代办。")
        if self.substitute_id and not self._is_official():
            wrong["substitute"] = _("代办人须是在岗的工作人员。")
        if wrong:
            raise ValidationError(wrong)

    def _reviews_there(self) -> bool:
        roles = (Role.REVIEWER, Role.LEADER)
        postings = self.away.postings.filter(department=self.department_id, role__in=roles)
        return bool(postings.exists())

    def _is_official(self) -> bool:
        return bool(self.substitute.is_active and self.substitute.postings.exists())
