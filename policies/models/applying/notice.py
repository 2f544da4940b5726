"""Public notices of what is about to be approved, and objections to them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.finding import named
from policies.models.applying.application import Application
from portal.accounts.identifiers import check_phone
from portal.kernel.numbers import plain_characters

KEPT: Final = dt.timedelta(days=365)
"""For how long a notice that is over may still be read."""
_NUMBER: Final = re.compile(r"YY([0-9]{1,9})-([0-9A-F]{8})")


class PublicNoticeQuerySet(models.QuerySet["PublicNotice"]):
    """The door to notices."""

    def running(self, now: dt.datetime) -> PublicNoticeQuerySet:
        """Those that may be objected to."""
        return self.filter(ended_at=None, closes_at__gt=now)

    def past(self, now: dt.datetime) -> PublicNoticeQuerySet:
        """Those that are over since a year at most."""
        over = Q(ended_at__isnull=False) | Q(closes_at__lte=now)
        return self.filter(over, closes_at__gt=now - KEPT)

    def shown(self, now: dt.datetime) -> PublicNoticeQuerySet:
        """All that anybody may read."""
        return self.filter(closes_at__gt=now - KEPT)

    def about(self, words: str) -> PublicNoticeQuerySet:
        """Those in which all of the words stand: of the enterprise (its code too), item, department."""
        found = self
        for word in words.split():
            found = found.filter(
                named(word, "application__enterprise__")
                | Q(application__version__title__icontains=word)
                | Q(application__item__department__name__icontains=word)
            )
        return found

    def for_pages(self) -> PublicNoticeQuerySet:
        """With what a page says of them, in one query."""
        return self.select_related(
            "application__enterprise", "application__version", "application__item__department"
        )


class Notice(models.Model):
    """Something on a public page until a moment: from when, until when, by whom."""

    opened_at = models.DateTimeField(_("公示开始"))
    closes_at = models.DateTimeField(_("公示截止"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("发布人"), on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(
        _("结束时间"), null=True, editable=False, help_text=_("审定或退回重审时结束")
    )

    class Meta:
        abstract = True
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")),
                name="%(app_label)s_%(class)s_in_order",
                violation_error_message=_("公示截止须晚于开始。"),
            ),
        ]

    def is_running(self, now: dt.datetime) -> bool:
        """Whether it may be objected to."""
        return self.ended_at is None and now < self.closes_at

    @property
    def last_day(self) -> dt.date:
        """The last day of the notice: spans of days end with the midnight after them."""
        return timezone.localdate(self.closes_at - dt.timedelta(microseconds=1))


class PublicNotice(Notice):
    """One application on a public page until a moment (公示): enterprise, item and amount, as it was said."""

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="public_notices"
    )
    amount_fen = models.BigIntegerField(_("公示金额（分）"), null=True, editable=False)

    objects = PublicNoticeQuerySet.as_manager()

    class Meta(Notice.Meta):
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(ended_at=None),
                name="policies_publicnotice_one_open",
                violation_error_message=_("这件申报正在公示。"),
            ),
            *Notice.Meta.constraints,
        ]
        indexes = [models.Index(fields=["-closes_at"], name="policies_publicnotice_ends")]

    def __str__(self) -> str:
        return f"{self.application_id} · {self.opened_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """The public page of it."""
        return f"/notices/{self.pk}/"


class SignedObjection(models.Model):
    """What somebody objects to a notice, with name and telephone; each is answered before a decision."""

    name = models.CharField(_("姓名或单位"), max_length=50)
    phone = models.CharField(_("联系电话"), max_length=30, validators=[check_phone])
    text = models.TextField(_("异议和理由"), max_length=2000)
    at = models.DateTimeField(_("提出时间"), db_default=Now(), editable=False)
    answer = models.TextField(_("处理结果"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("处理人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(phone="") & ~Q(text=""),
                name="%(app_label)s_%(class)s_signed",
                violation_error_message=_("请写明姓名、电话和理由，以便核实。"),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | ~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="%(app_label)s_%(class)s_answered",
                violation_error_message=_("处理异议须写明结果、处理人和时间。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """The door to objections."""

    def numbered(self, number: str) -> ObjectionQuerySet:
        """The one with that number, as somebody typed it, or none."""
        found = _NUMBER.fullmatch(plain_characters(number).upper())
        return self.filter(pk=int(found[1]), code=found[2].lower()) if found else self.none()


class Objection(SignedObjection):
    """An objection to the notice of one application."""

    notice = models.ForeignKey(
        PublicNotice, verbose_name=_("公示"), on_delete=models.PROTECT, related_name="objections"
    )
    code = models.CharField(
        max_length=8,
        editable=False,
        db_default=Func(template="left(gen_random_uuid()::text, 8)", output_field=models.CharField()),
    )

    objects = ObjectionQuerySet.as_manager()

    class Meta(SignedObjection.Meta):
        verbose_name = _("异议")
        verbose_name_plural = _("异议")

    @property
    def number(self) -> str:
        """What its writer keeps to ask for the answer; its second half cannot be guessed."""
        return f"YY{self.pk}-{self.code}"
