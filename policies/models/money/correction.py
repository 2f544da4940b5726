"""What was paid too much or too little once a fact was corrected (追缴 补发): proposed by the system, decided
by an official."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.money.award import Award
from portal.kernel.transitions import EventModel, Machine, Transition


class CorrectionKind(models.TextChoices):
    """Which way the money should go."""

    CLAWBACK = "clawback", _("追缴")
    TOPUP = "topup", _("补发")


class CorrectionState(models.TextChoices):
    """Where a correction stands."""

    PROPOSED = "proposed", _("待决定")
    ACCEPTED = "accepted", _("已决定")
    DISMISSED = "dismissed", _("不予更正")
    RECOVERED = "recovered", _("已追回")
    WITHDRAWN = "withdrawn", _("已失效")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"proposed": "due", "recovered": "done", "dismissed": "plain", "withdrawn": "plain"}.get(
            self.value, "info"
        )


S = CorrectionState
DECIDED = (S.ACCEPTED, S.DISMISSED, S.RECOVERED)
UNDECIDED = (S.PROPOSED, S.WITHDRAWN)
"""Nobody has decided; the system withdraws what newer facts have overtaken."""


class Correction(models.Model):
    """An award that would be another sum with what is known today, by how much, and why."""

    award = models.ForeignKey(
        Award, verbose_name=_("应付资金"), on_delete=models.PROTECT, related_name="corrections"
    )
    kind = models.CharField(_("类别"), max_length=8, choices=CorrectionKind)
    amount_fen = models.BigIntegerField(_("差额（分）"))
    evidence = models.JSONField(_("依据"), encoder=DjangoJSONEncoder)
    state = models.CharField(_("状态"), max_length=9, choices=S, default=S.PROPOSED, editable=False)
    proposed_at = models.DateTimeField(_("发现时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("决定人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, editable=False)
    reason = models.TextField(_("理由"), max_length=1000, blank=True, editable=False)
    recovered_at = models.DateTimeField(_("追回时间"), null=True, editable=False)

    machine = Machine(
        "state",
        initial=S.PROPOSED,
        transitions=(
            Transition("accept", (S.PROPOSED,), S.ACCEPTED, _("同意更正")),
            Transition("dismiss", (S.PROPOSED,), S.DISMISSED, _("不予更正")),
            Transition("withdraw", (S.PROPOSED,), S.WITHDRAWN, _("系统撤回")),
            Transition("recover", (S.ACCEPTED,), S.RECOVERED, _("已追回")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("追缴补发")
        verbose_name_plural = _("追缴补发")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state=S.PROPOSED),
                name="policies_correction_one_open",
                violation_error_message=_("这笔资金已有待决定的更正。"),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, kind__in=CorrectionKind.values),
                name="policies_correction_amount",
                violation_error_message=_("差额须大于零。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNDECIDED, decided_by=None, decided_at=None, reason="")
                | Q(state__in=DECIDED, decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="policies_correction_decided",
                violation_error_message=_("决定须有决定人、时间和理由。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.RECOVERED, kind=CorrectionKind.CLAWBACK, recovered_at__isnull=False)
                | ~Q(state=S.RECOVERED) & Q(recovered_at=None),
                name="policies_correction_recovered",
                violation_error_message=_("只有追缴有追回，且须有追回时间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.award_id}"

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return S(self.state).colour


class CorrectionEvent(EventModel):
    """Who decided what on a correction, when and why."""

    subject = models.ForeignKey(
        Correction, verbose_name=_("追缴补发"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("更正经过")
        verbose_name_plural = _("更正经过")
