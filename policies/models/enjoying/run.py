"""An enjoy run: an item's enterprises found, listed, confirmed by two people, shown and offered the money."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.models.enjoying.vocabulary import CONFIRMED, OVER, RunState
from policies.models.item import PolicyItem
from policies.models.version import ItemVersion
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from portal.accounts.models import Department

S = RunState
UNCONFIRMED = (S.SELECTING, S.LISTED, S.PROPOSED)


class EnjoyRunQuerySet(models.QuerySet["EnjoyRun"]):
    """The door to runs."""

    def at(self, department: Department) -> EnjoyRunQuerySet:
        """Those of a department's items."""
        return self.filter(item__department=department)

    def alive(self) -> EnjoyRunQuerySet:
        """Those in which something is still to be done."""
        return self.exclude(state__in=OVER)

    def for_pages(self) -> EnjoyRunQuerySet:
        """With what a page names of them."""
        return self.select_related(
            "item__department", "version__rule_version", "started_by", "reviewed_by", "confirmed_by"
        )

    def counted(self) -> EnjoyRunQuerySet:
        """With how many are on each list, and how much the enterprises in come to, exclusions left out."""
        inside = Q(candidates__place="in") & ~Q(candidates__state="excluded")
        accepted = Q(candidates__state="accepted")
        return self.annotate(
            inside=Count("candidates", filter=inside),
            total_fen=Sum("candidates__amount_fen", filter=inside, default=0),
            accepted=Count("candidates", filter=accepted),
            accepted_fen=Sum("candidates__amount_fen", filter=accepted, default=0),
        )


class EnjoyRun(models.Model):
    """A run (免申即享名单). Of an item and period one at a time is alive.

    It judges as of `as_of` by what was known at `known_at`: the same run replays to the same list. `slot`
    names the turn of a schedule that began it, once and for all; empty for one that a person began.
    """

    item = models.ForeignKey(
        PolicyItem, verbose_name=_("事项"), on_delete=models.PROTECT, related_name="enjoy_runs"
    )
    version = models.ForeignKey(
        ItemVersion, verbose_name=_("版本"), on_delete=models.PROTECT, related_name="enjoy_runs"
    )
    period = models.PositiveSmallIntegerField(_("年度"))
    as_of = models.DateField(_("判断日"))
    known_at = models.DateTimeField(_("数据截至"))
    slot = models.CharField(_("自动轮次"), max_length=10, blank=True, editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=S, default=S.SELECTING, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("发起人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text=_("空表示按安排自动发起"),
    )
    started_at = models.DateTimeField(_("发起时间"))
    total = models.PositiveIntegerField(_("要核的"), default=0, editable=False)
    done = models.PositiveIntegerField(_("已核的"), default=0, editable=False)
    touched_at = models.DateTimeField(_("最近进展"), db_default=Now(), editable=False)
    attempts = models.PositiveSmallIntegerField(_("失败次数"), default=0, editable=False)
    error = models.TextField(_("错误"), blank=True, editable=False)
    population = models.PositiveIntegerField(_("核对的企业数"), default=0, editable=False)
    undecided = models.PositiveIntegerField(
        _("资料不足而没有列出的"), default=0, editable=False, help_text=_("差得多的不逐户列出。")
    )
    digest = models.CharField(_("名单 SHA-256"), max_length=64, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("把关人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("把关时间"), null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("审定人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("审定时间"), null=True, editable=False)
    offered_at = models.DateTimeField(_("通知企业"), null=True, editable=False)
    offer_until = models.DateTimeField(_("企业确认截止"), null=True, editable=False)
    cancel_reason = models.TextField(_("取消原因"), blank=True, editable=False)

    objects = EnjoyRunQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=S.SELECTING,
        transitions=(
            Transition("list", (S.SELECTING,), S.LISTED, _("生成名单")),
            Transition("propose", (S.LISTED,), S.PROPOSED, _("把关，送审定")),
            Transition("rework", (S.PROPOSED,), S.LISTED, _("退回把关")),
            Transition("confirm", (S.PROPOSED,), S.CONFIRMED, _("审定名单")),
            Transition("notice", (S.CONFIRMED,), S.NOTICED, _("公示")),
            Transition("offer", (S.CONFIRMED, S.NOTICED), S.OFFERED, _("通知企业确认")),
            Transition("close", (S.OFFERED,), S.CLOSED, _("办结")),
            Transition("cancel", (*UNCONFIRMED, S.CONFIRMED, S.NOTICED, S.OFFERED), S.CANCELLED, _("取消")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("免申即享名单")
        verbose_name_plural = _("免申即享名单")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "touched_at"], name="policies_enjoyrun_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "period"],
                condition=~Q(state__in=OVER),
                name="policies_enjoyrun_one_alive",
                violation_error_message=_("这项政策本年度有一份名单正在办，请先办完或取消。"),
            ),
            models.UniqueConstraint(
                fields=["item", "slot"],
                condition=~Q(slot=""),
                name="policies_enjoyrun_slot_once",
                violation_error_message=_("这一轮已经自动筛选过。"),
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")),
                name="policies_enjoyrun_done_within_total",
                violation_error_message=_("已核数不能超过总数。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.SELECTING, digest="") | Q(state=S.CANCELLED) | ~Q(digest=""),
                name="policies_enjoyrun_listed",
                violation_error_message=_("名单须有摘要，筛选中的没有。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(S.PROPOSED, *CONFIRMED), reviewed_by__isnull=False, reviewed_at__isnull=False
                )
                | Q(state__in=(S.SELECTING, S.LISTED), reviewed_by=None, reviewed_at=None)
                | Q(state=S.CANCELLED),
                name="policies_enjoyrun_reviewed",
                violation_error_message=_("送审定的名单须有把关人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False)
                | Q(state__in=UNCONFIRMED, confirmed_by=None, confirmed_at=None)
                | Q(state=S.CANCELLED),
                name="policies_enjoyrun_confirmed",
                violation_error_message=_("审定须有审定人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | ~Q(confirmed_by=F("reviewed_by")) & ~Q(confirmed_by=F("started_by")),
                name="policies_enjoyrun_four_eyes",
                violation_error_message=_("发起或把关名单的人不能自己审定，请由另一人办理。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=(S.OFFERED, S.CLOSED), offered_at__isnull=False)
                & Q(offer_until__isnull=False, offer_until__gt=F("offered_at"))
                | ~Q(state__in=(S.OFFERED, S.CLOSED)),
                name="policies_enjoyrun_offered",
                violation_error_message=_("通知企业须写明何时通知、何时截止。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.CANCELLED) ^ Q(cancel_reason=""),
                name="policies_enjoyrun_cancelled_with_reason",
                violation_error_message=_("取消须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version.title}（{self.period}）"

    def get_absolute_url(self) -> str:
        """Its page at the desk of the item's department."""
        return reverse("desk_enjoy_run", args=[self.item.department_id, self.pk])

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return S(self.state).colour

    @property
    def percent(self) -> int:
        """Whole percent looked at, rounded down; 100 only once it is listed."""
        if self.state != S.SELECTING:
            return 100
        return min(self.done * 100 // self.total, 99) if self.total else 0

    def takes_answers(self, now: dt.datetime) -> bool:
        """Whether an enterprise may still accept."""
        return self.state == S.OFFERED and self.offer_until is not None and now < self.offer_until


class EnjoyRunEvent(EventModel):
    """Who moved a run to which state, when and why."""

    subject = models.ForeignKey(
        EnjoyRun, verbose_name=_("名单"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("名单经过")
        verbose_name_plural = _("名单经过")
