"""千人联千企: one official, one enterprise; visits, and the problems they find."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from appeals.models.appeal import DESK
from enterprises.models import Enterprise
from enterprises.models.history import tracked
from portal.accounts.models import Officer
from portal.accounts.roles import Role
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.uploads import IMAGES, MEGABYTE, UploadValidator, stored_name

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST_PHOTO_BYTES = 10 * MEGABYTE
PAIRED_DAYS = Func(
    F("since"), F("until"), Value("[)"), function="daterange", output_field=DateRangeField()
)  # no end: still paired


class PairingQuerySet(models.QuerySet["Pairing"]):
    """Pairings by whether they hold."""

    def live(self) -> PairingQuerySet:
        """Those that nobody has ended."""
        return self.filter(until=None)


@tracked
class Pairing(models.Model):
    """An official looks after an enterprise (结对), from a day until another has it or nobody has."""

    officer = models.ForeignKey(
        Officer, verbose_name=_("结对干部"), on_delete=models.PROTECT, related_name="pairings"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="pairings"
    )
    since = models.DateField(_("自"))
    until = models.DateField(
        _("至"), null=True, blank=True, help_text=_("自这一天起不再结对；空表示仍在结对。")
    )

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("结对")
        verbose_name_plural = _("结对")
        ordering = ["officer__department__code", "officer__name", "pk"]
        constraints = [
            ExclusionConstraint(
                name="appeals_pairing_one_an_enterprise",
                expressions=[("enterprise", RangeOperators.EQUAL), (PAIRED_DAYS, RangeOperators.OVERLAPS)],
                violation_error_message=_("这家企业这段时间已有结对干部。"),
            ),
            ExclusionConstraint(
                name="appeals_pairing_one_an_officer",
                expressions=[("officer", RangeOperators.EQUAL), (PAIRED_DAYS, RangeOperators.OVERLAPS)],
                violation_error_message=_("这位干部这段时间已与另一家企业结对。"),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="appeals_pairing_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} · {self.enterprise}"

    def clean(self) -> None:
        """Days in order: PostgreSQL makes no range of others."""
        super().clean()
        if self.since and self.until and self.until < self.since:
            raise ValidationError({"until": _("结束日期不能早于开始日期。")})


class VisitState(models.TextChoices):
    """How a visit stands."""

    PLANNED = "planned", _("已计划")
    DONE = "done", _("待企业确认")
    CONFIRMED = "confirmed", _("企业已确认")
    DISPUTED = "disputed", _("企业有异议")
    CANCELLED = "cancelled", _("已取消")


MADE = (VisitState.DONE, VisitState.CONFIRMED, VisitState.DISPUTED)
"""States of a visit that took place."""


class VisitQuerySet(models.QuerySet["Visit"]):
    """The door to visits."""

    def visible_to(self, user: User) -> VisitQuerySet:
        """The official's own; those of a department to its leaders; all to the county's desk."""
        if not user.is_active:
            return self.none()
        if user.is_superuser or any(user.has_role(role) for role in DESK):
            return self
        led = user.departments_as(Role.LEADER)
        return self.filter(Q(pairing__officer__user=user) | Q(pairing__officer__department__in=led))

    def planned_in(self, first: dt.date, last: dt.date) -> VisitQuerySet:
        """Those of a span of days that were not called off."""
        return self.filter(planned_on__range=(first, last)).exclude(state=VisitState.CANCELLED)


class Visit(models.Model):
    """A field visit (走访). `client_id` is made by the phone, so that a form sent twice is one visit.

    What was written down stays once the enterprise has confirmed it; before, only what it disputes is
    written anew (the trigger `appeals_visit_sealed`).
    """

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

    objects = VisitQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=VisitState.PLANNED,
        transitions=(
            Transition("record", (VisitState.PLANNED,), VisitState.DONE, _("填写走访")),
            Transition("amend", (VisitState.DISPUTED,), VisitState.DONE, _("更正走访记录")),
            Transition("confirm", (VisitState.DONE, VisitState.DISPUTED), VisitState.CONFIRMED, _("确认")),
            Transition("dispute", (VisitState.DONE,), VisitState.DISPUTED, _("提出异议")),
            Transition("call_off", (VisitState.PLANNED,), VisitState.CANCELLED, _("取消")),
        ),
    )

    class Meta:
        verbose_name = _("走访")
        verbose_name_plural = _("走访")
        ordering = ["-planned_on", "-pk"]
        indexes = [models.Index(fields=["planned_on", "id"], name="appeals_visit_planned")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(VisitState.PLANNED, VisitState.CANCELLED))
                | Q(visited_at__isnull=False) & ~Q(summary=""),
                name="appeals_visit_recorded",
                violation_error_message=_("走访须写明时间和情况。"),
            ),
            models.UniqueConstraint(
                fields=["pairing", "planned_on"],
                condition=~Q(state=VisitState.CANCELLED),
                name="appeals_visit_once_a_day",
                violation_error_message=_("这一天已经有一次走访。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pairing} {self.planned_on}"


class VisitPhoto(models.Model):
    """A photograph taken on a visit."""

    visit = models.ForeignKey(Visit, verbose_name=_("走访"), on_delete=models.PROTECT, related_name="photos")
    file = models.ImageField(
        _("照片"), upload_to=stored_name, validators=[UploadValidator(IMAGES, MOST_PHOTO_BYTES)]
    )
    name = models.CharField(_("文件名"), max_length=140)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    added_at = models.DateTimeField(_("上传时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("走访照片")
        verbose_name_plural = _("走访照片")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "digest"],
                name="appeals_visitphoto_once",
                violation_error_message=_("同一照片已经上传过。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VisitEvent(EventModel):
    """What happened to a visit."""

    subject = models.ForeignKey(
        Visit, verbose_name=_("走访"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("走访经过")
        verbose_name_plural = _("走访经过")
