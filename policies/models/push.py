"""Telling enterprises: one row a telling, resumable at any point."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from matching.models import Run
from policies.enums import PushKind
from policies.models.version import ItemVersion
from portal.kernel.models import TrackedProgress


class Push(TrackedProgress):
    """One telling of enterprises about a version: on publication, each night, or on withdrawal.

    `total` and `done` count enterprises looked at, `told` those for whom a message was written.
    `position` is the last id dealt with, moved in the transaction that writes its messages, so a killed
    worker's row is taken up by the next one without loss or repetition.
    """

    kind = models.CharField(_("类型"), max_length=16, choices=PushKind.choices, editable=False)
    version = models.ForeignKey(
        ItemVersion, models.PROTECT, related_name="pushes", editable=False, verbose_name=_("事项版本")
    )
    run = models.ForeignKey(
        Run,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pushes",
        editable=False,
        verbose_name=_("匹配任务"),
    )
    position = models.BigIntegerField(_("进行到"), default=0, editable=False)
    told = models.PositiveIntegerField(_("已通知"), default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(_("失败次数"), default=0, editable=False)
    touched_at = models.DateTimeField(_("最近进展"), db_default=Now(), editable=False)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)

    class Meta(TrackedProgress.Meta):
        verbose_name = _("推送")
        verbose_name_plural = _("推送")
        ordering = ["-pk"]
        constraints = [
            *TrackedProgress.Meta.constraints,
            models.UniqueConstraint(
                fields=["version", "kind"],
                condition=~Q(kind=PushKind.NIGHTLY),
                name="policies_push_once",
                violation_error_message=_("该版本已经推送过。"),
            ),
            models.UniqueConstraint(
                fields=["version", "run"],
                name="policies_push_once_a_run",
                violation_error_message=_("该版本在这次匹配中已经推送过。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=PushKind.WITHDRAWAL, run=None)
                | (~Q(kind=PushKind.WITHDRAWAL) & Q(run__isnull=False)),
                name="policies_push_matches_unless_withdrawal",
                violation_error_message=_("推送须有匹配任务，撤回通知没有。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.version}"

    def get_absolute_url(self) -> str:
        """The page where officials watch it."""
        from django.urls import reverse

        return reverse("admin:policies_push_progress", args=[self.pk])
