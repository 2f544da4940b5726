"""千人联千企: one official, one enterprise; visits, and the problems they find."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from portal.accounts.models import Officer
from portal.kernel.transitions import EventModel, Machine, Transition


class Pairing(models.Model):
    """An official looks after an enterprise (结对), from a day until another."""

    officer = models.ForeignKey(
        Officer, verbose_name=_("结对干部"), on_delete=models.PROTECT, related_name="pairings"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="pairings"
    )
    since = models.DateField(_("自"))
    until = models.DateField(_("至"), null=True, blank=True, help_text=_("空表示仍在结对"))

    class Meta:
        verbose_name = _("结对")
        verbose_name_plural = _("结对")
        ordering = ["officer__department__code", "officer__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(until=None),
                name="appeals_pairing_one_an_enterprise",
                violation_error_message=_("这家企业已有结对干部。"),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="appeals_pairing_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} · {self.enterprise}"


class VisitState(models.TextChoices):
    """How a visit stands."""

    PLANNED = "planned", _("已计划")
    DONE = "done", _("已走访，待企业确认")
    CONFIRMED = "confirmed", _("企业已确认")
    DISPUTED = "disputed", _("企业有异议")
    CANCELLED = "cancelled", _("已取消")


class Visit(models.Model):
    """A field visit (走访). `client_id` is made by the phone, so that a form sent twice is one visit."""

    pairing = models.ForeignKey(
        Pairing, verbose_name=_("结对"), on_delete=models.PROTECT, related_name="visits"
    )
    planned_on = models.DateField(_("计划日期"))
    visited_at = models.DateTimeField(_("走访时间"), null=True, blank=True)
    client_id = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    met = models.CharField(_("见了谁"), max_length=100, blank=True)
    summary = models.TextField(_("走访情况"), max_length=4000, blank=True)
    form = models.JSONField(_("走访表"), default=dict, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=VisitState, default=VisitState.PLANNED, editable=False
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("填写人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    appeals = models.ManyToManyField(
        "appeals.Appeal", verbose_name=_("发现的问题"), blank=True, editable=False, related_name="visits"
    )

    machine = Machine(
        "state",
        initial=VisitState.PLANNED,
        transitions=(
            Transition("record", (VisitState.PLANNED,), VisitState.DONE, _("填写走访")),
            Transition("confirm", (VisitState.DONE, VisitState.DISPUTED), VisitState.CONFIRMED, _("确认")),
            Transition("dispute", (VisitState.DONE,), VisitState.DISPUTED, _("提出异议")),
            Transition("call_off", (VisitState.PLANNED,), VisitState.CANCELLED, _("取消")),
        ),
    )

    class Meta:
        verbose_name = _("走访")
        verbose_name_plural = _("走访")
        ordering = ["-planned_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(VisitState.PLANNED, VisitState.CANCELLED))
                | Q(visited_at__isnull=False) & ~Q(summary=""),
                name="appeals_visit_recorded",
                violation_error_message=_("走访须写明时间和情况。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pairing} {self.planned_on}"


class VisitEvent(EventModel):
    """What happened to a visit."""

    subject = models.ForeignKey(
        Visit, verbose_name=_("走访"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("走访经过")
        verbose_name_plural = _("走访经过")
