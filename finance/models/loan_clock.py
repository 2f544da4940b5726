"""Deadlines of loan applications: spans as data, and the clocks that run."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank
from finance.models.loan import LoanApplication
from finance.models.loan_states import LoanWhom
from portal.kernel.clocks import Clock, ClockQuerySet, SpanTarget
from portal.kernel.escalation import EscalationLevel
from portal.kernel.spans import Pause, pauses_in

ANSWER: Final = "answer"
"""The bank that was asked accepts or declines."""
WAIT: Final = "wait"
"""How long an unanswered application is left with its bank; then it lapses."""
OPEN: Final = "open"
"""How long an application lies in the hall; then it lapses."""
BEGIN: Final = "begin"
DECIDE: Final = "decide"
SIGN: Final = "sign"
"""How long an approval stands; then it expires."""
DRAW: Final = "draw"
MATURE: Final = "mature"
"""Until the day of maturity; what is owed then is overdue."""
INSTALMENT: Final = "instalment"
"""Until the day of the next instalment and some days more, in which its bank tells of the payment."""
RECOVER: Final = "recover"
BY_CONSENT: Final = (ANSWER, BEGIN, DECIDE)
"""Deadlines of the bank that stand still while it may not read what it is to decide by."""
CONSENT_ENDED: Final = ("revoke", "consent_over")
"""Events: the enterprise revoked its consent, or that ended by itself."""
WAITED_FOR: Final = (WAIT, OPEN, SIGN, INSTALMENT, MATURE)
"""Times that are waited for, not deadlines of the bank: they hurry nobody."""


class LoanTarget(SpanTarget):
    """The span of a step: answering, due diligence, deciding, signing, drawing, recovering."""

    class Meta(SpanTarget.Meta):
        verbose_name = _("贷款时限")
        verbose_name_plural = _("贷款时限")


class LoanReminder(EscalationLevel):
    """Who is told of a loan's clock, and when: see `EscalationLevel`."""

    whom = models.CharField(_("提醒谁"), max_length=10, choices=LoanWhom)

    class Meta(EscalationLevel.Meta):
        verbose_name = _("贷款提醒与升级")
        verbose_name_plural = _("贷款提醒与升级")
        constraints = [
            *EscalationLevel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(whom__in=LoanWhom.values),
                name="finance_loanreminder_whom",
                violation_error_message=_("请选择提醒谁。"),
            ),
        ]


class LoanClockQuerySet(ClockQuerySet):
    """Clocks of loans."""

    def hurrying(self) -> Self:
        """Those running that hurry a bank."""
        return self.running().exclude(target__in=WAITED_FOR)


class LoanClock(Clock):
    """A deadline of an application. The database keeps the first of those running as its `due_at`.

    `bank` is the one that the application was at when the clock began: it stays on that bank's record when
    the enterprise opens the application to all banks and another one takes it.
    """

    loan = models.ForeignKey(
        LoanApplication, verbose_name=_("贷款申请"), on_delete=models.PROTECT, related_name="clocks"
    )
    bank = models.ForeignKey(
        Bank,
        verbose_name=_("银行"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text=_("空表示面向全部银行"),
    )
    level = models.PositiveSmallIntegerField(_("提醒到第几级"), default=0, db_default=0, editable=False)

    drives = ("loan",)
    reads = ("loan__events",)

    objects: ClassVar[Any] = LoanClockQuerySet.as_manager()

    class Meta(Clock.Meta):
        verbose_name = _("贷款申请时限")
        verbose_name_plural = _("贷款申请时限")
        constraints = [
            *Clock.Meta.constraints,
            models.UniqueConstraint(
                fields=["loan", "target"],
                condition=Q(met_at=None),
                name="finance_loanclock_one_running",
                violation_error_message=_("这项时限正在计时。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(met_at=None, paused_at=None), name="finance_clock_running"
            ),
            models.Index(
                fields=["warn_at"],
                condition=Q(met_at=None, paused_at=None, warned_at=None),
                name="finance_clock_to_warn",
            ),
            models.Index(
                fields=["level", "warn_at"],
                condition=Q(met_at=None, paused_at=None),
                name="finance_clock_to_remind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} → {self.due_at:%Y-%m-%d %H:%M}"

    def pauses(self) -> list[Pause]:
        """Until there is a contract the bank's deadlines stand still while there is no consent."""
        if self.target not in BY_CONSENT:
            return []
        return pauses_in(self.loan.events.all(), stop=CONSENT_ENDED, go=("consent",))
