"""What came of an order: answers, promises and what the enterprise says of them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import Outcome, Satisfaction
from appeals.models.order import WorkOrder
from portal.kernel.models import AppendOnly


class Answer(AppendOnly):
    """What the holder of an order told the enterprise. Closed is not solved: see `Outcome`."""

    order = models.ForeignKey(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="answers"
    )
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome)
    text = models.TextField(_("答复"), max_length=4000)
    policies = ArrayField(
        models.CharField(max_length=64), verbose_name=_("相关政策"), default=list, blank=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("答复人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("答复")
        verbose_name_plural = _("答复")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="appeals_answer_says_something",
                violation_error_message=_("请写明答复内容。"),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class Promise(models.Model):
    """What was promised by a date (承诺): a clock named “promise” on its order watches it."""

    order = models.ForeignKey(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="promises"
    )
    text = models.CharField(_("承诺内容"), max_length=300)
    due_on = models.DateField(_("承诺日期"))
    made_at = models.DateTimeField(_("承诺时间"), default=timezone.now, editable=False)
    kept_at = models.DateTimeField(_("兑现时间"), null=True, blank=True, editable=False)
    kept_note = models.CharField(_("兑现说明"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("承诺")
        verbose_name_plural = _("承诺")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kept_at=None),
                name="appeals_promise_one_open",
                violation_error_message=_("这张工单还有未兑现的承诺。"),
            ),
            models.CheckConstraint(
                condition=Q(kept_at=None, kept_note="") | Q(kept_at__isnull=False) & ~Q(kept_note=""),
                name="appeals_promise_kept_note",
                violation_error_message=_("兑现承诺须说明怎么兑现的。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.text}"


class Survey(AppendOnly):
    """What the enterprise says of an answered lead order (回访). No row is not “satisfied”."""

    order = models.OneToOneField(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="survey"
    )
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction)
    solved = models.BooleanField(_("问题已解决"))
    comment = models.TextField(_("意见"), max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("评价人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    by_phone = models.BooleanField(_("电话回访"), default=False)
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("满意度评价")
        verbose_name_plural = _("满意度评价")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_satisfaction_display()
