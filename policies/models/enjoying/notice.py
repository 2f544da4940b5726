"""The public notice of a confirmed list, and objections to one of its enterprises or to all of it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enterprises.finding import named
from policies.models.applying.notice import KEPT, Notice, SignedObjection
from policies.models.enjoying.candidate import EnjoyCandidate
from policies.models.enjoying.run import EnjoyRun
from portal.kernel.numbers import plain_characters


class EnjoyNoticeQuerySet(models.QuerySet["EnjoyNotice"]):
    """The door to notices of lists."""

    def running(self, now: dt.datetime) -> EnjoyNoticeQuerySet:
        """Those that may be objected to."""
        return self.filter(ended_at=None, closes_at__gt=now)

    def past(self, now: dt.datetime) -> EnjoyNoticeQuerySet:
        """Those that are over since a year at most."""
        return self.shown(now).filter(Q(ended_at__isnull=False) | Q(closes_at__lte=now))

    def shown(self, now: dt.datetime) -> EnjoyNoticeQuerySet:
        """All that anybody may read."""
        return self.filter(closes_at__gt=now - KEPT)

    def about(self, words: str) -> EnjoyNoticeQuerySet:
        """Those in which all of the words stand: of an enterprise, the item, the department."""
        found = self
        for word in words.split():
            firms = EnjoyCandidate.objects.standing().filter(named(word, "enterprise__"))
            found = found.filter(
                Q(run__version__title__icontains=word)
                | Q(run__item__department__name__icontains=word)
                | Q(run__in=firms.values("run"))
            )
        return found

    def for_pages(self) -> EnjoyNoticeQuerySet:
        """With what a page shows of them, in one query: `standing` and `standing_fen` are those of today."""
        rows = EnjoyCandidate.objects.standing().filter(run=OuterRef("run")).order_by().values("run")
        sums = {"standing": Count("pk"), "standing_fen": Sum("amount_fen")}
        today = {
            name: Coalesce(Subquery(rows.annotate(sum=each).values("sum")), 0) for name, each in sums.items()
        }
        return self.select_related("run__version", "run__item__department").annotate(**today)


class EnjoyNotice(Notice):
    """A list on the public pages (公示): of which run, how many enterprises, how much, as it was said."""

    run = models.OneToOneField(
        EnjoyRun, verbose_name=_("名单"), on_delete=models.PROTECT, related_name="notice"
    )
    count = models.PositiveIntegerField(_("企业数"), editable=False)
    total_fen = models.BigIntegerField(_("合计（分）"), editable=False)

    objects = EnjoyNoticeQuerySet.as_manager()

    class Meta(Notice.Meta):
        verbose_name = _("名单公示")
        verbose_name_plural = _("名单公示")
        indexes = [models.Index(fields=["-closes_at"], name="policies_enjoynotice_ends")]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.opened_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """The public page of it."""
        return reverse("enjoy_notice", args=[self.pk])


class EnjoyObjectionQuerySet(models.QuerySet["EnjoyObjection"]):
    """The door to objections to lists."""

    def numbered(self, number: str) -> EnjoyObjectionQuerySet:
        """The one with that number, as somebody typed it, or none."""
        return self.filter(number=plain_characters(number).upper())


class EnjoyObjection(SignedObjection):
    """An objection to a list. One that is upheld has excluded the enterprise that it names.

    `number`: what its writer keeps, to ask for the answer with the telephone number that was given.
    """

    number = models.CharField(_("编号"), max_length=20, editable=False)
    notice = models.ForeignKey(
        EnjoyNotice, verbose_name=_("名单公示"), on_delete=models.PROTECT, related_name="objections"
    )
    candidate = models.ForeignKey(
        EnjoyCandidate,
        verbose_name=_("对哪家企业"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="objections",
        help_text=_("空表示对整份名单。"),
    )
    upheld = models.BooleanField(_("异议成立"), null=True, editable=False)

    objects = EnjoyObjectionQuerySet.as_manager()

    class Meta(SignedObjection.Meta):
        verbose_name = _("名单异议")
        verbose_name_plural = _("名单异议")
        constraints = [
            *SignedObjection.Meta.constraints,
            models.UniqueConstraint(
                fields=["number"],
                name="policies_enjoyobjection_number_once",
                violation_error_message=_("这个编号已经用过。"),
            ),
            models.CheckConstraint(
                condition=Q(answer="", upheld=None) | ~Q(answer="") & Q(upheld__isnull=False),
                name="policies_enjoyobjection_settled",
                violation_error_message=_("处理异议须写明是否成立。"),
            ),
        ]
