"""Public notices of what is about to be approved, and objections to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from policies.models.applying.application import Application


class PublicNotice(models.Model):
    """One application on a public page until a moment (公示): enterprise, item and amount."""

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="public_notices"
    )
    opened_at = models.DateTimeField(_("公示开始"))
    closes_at = models.DateTimeField(_("公示截止"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("发布人"), on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(
        _("结束时间"), null=True, editable=False, help_text=_("审定或退回重审时结束")
    )

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(ended_at=None),
                name="policies_publicnotice_one_open",
                violation_error_message=_("这件申报正在公示。"),
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")),
                name="policies_publicnotice_in_order",
                violation_error_message=_("公示截止须晚于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} · {self.opened_at:%Y-%m-%d}"


class Objection(models.Model):
    """What somebody objects to a notice, with name and telephone; each is answered before a decision."""

    notice = models.ForeignKey(
        PublicNotice, verbose_name=_("公示"), on_delete=models.PROTECT, related_name="objections"
    )
    name = models.CharField(_("姓名或单位"), max_length=50)
    phone = models.CharField(_("联系电话"), max_length=30)
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
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(phone="") & ~Q(text=""),
                name="policies_objection_signed",
                violation_error_message=_("请写明姓名、电话和理由，以便核实。"),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | ~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="policies_objection_answered",
                violation_error_message=_("处理异议须写明结果、处理人和时间。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]
