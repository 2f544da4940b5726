"""Something to be sent to the outside, as a row: taken by one worker at a time, tried again, given up.

A task carries the row's id; `claim` is one conditional UPDATE, so that a task delivered twice sends once.
A worker that dies half way leaves its row taken; after `LEASE` the sweeper frees it, and it is sent again
(at least once: nobody can know whether the dead one had sent it). What a worker says of a try that is no
longer its own is not heard.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.kernel.machines import Machine, Transition

LEASE: Final = timedelta(minutes=5)
"""Longer than any try may take: see the time limits of the tasks."""
LONGEST_ERROR: Final = 300


class NotSent(Exception):  # noqa: N818 - reads as what happened
    """It did not get out; the text says why, for a person. `hopeless`: trying again is no use."""

    def __init__(self, why: str, hopeless: bool = False) -> None:
        super().__init__(why)
        self.hopeless = hopeless


class SendingState(models.TextChoices):
    """Where something to be sent stands."""

    QUEUED = "queued", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("未送达，将重试")
    GIVEN_UP = "given_up", _("未送达")


WAITING = (SendingState.QUEUED, SendingState.FAILED)


class SendingQuerySet(models.QuerySet[Any]):
    """Rows by what is to be done about them."""

    def due(self) -> Self:
        """Those that may be tried now."""
        return self.filter(state__in=WAITING, due_at__lte=Now()).order_by("due_at", "pk")

    def ended(self) -> Self:
        """Those that are not tried any more, unless somebody has them sent anew."""
        return self.filter(state__in=(SendingState.SENT, SendingState.GIVEN_UP))

    def give_up(self, reason: str) -> int:
        """What still waits of these is not sent any more, whatever the number of tries; returns how many."""
        waiting = self.filter(state__in=WAITING)
        return waiting.update(state=SendingState.GIVEN_UP, error=reason[:LONGEST_ERROR])

    def free_stuck(self, error: str) -> int:
        """Give back what a dead worker had taken, unless its tries are used up; returns how many."""
        stuck = self.filter(state=SendingState.SENDING, claimed_at__lt=Now() - LEASE)
        hopeless = stuck.filter(attempts__gt=len(self.model.PAUSES))
        given_up = hopeless.update(state=SendingState.GIVEN_UP, error=error)
        return given_up + stuck.update(state=SendingState.FAILED, error=error, due_at=Now())


class Sending(models.Model):
    """State, tries and why the last one failed. `PAUSES` of the subclass are the waits between tries."""

    PAUSES: Sequence[timedelta] = ()

    state = models.CharField(
        _("状态"), max_length=8, choices=SendingState, default=SendingState.QUEUED, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0, editable=False)
    created_at = models.DateTimeField(_("生成时间"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("最早发送时间"), db_default=Now(), editable=False)
    claimed_at = models.DateTimeField(_("最近尝试时间"), null=True, editable=False)
    sent_at = models.DateTimeField(_("发送时间"), null=True, editable=False)
    error = models.CharField(_("未送达原因"), max_length=LONGEST_ERROR, blank=True, editable=False)

    objects = SendingQuerySet.as_manager()

    sending = Machine(
        field="state",
        initial=SendingState.QUEUED,
        transitions=[
            Transition("claim", WAITING, SendingState.SENDING, _("发送")),
            Transition("succeed", [SendingState.SENDING], SendingState.SENT, _("送达")),
            Transition("fail", [SendingState.SENDING], SendingState.FAILED, _("失败")),
            Transition("give_up", [*WAITING, SendingState.SENDING], SendingState.GIVEN_UP, _("放弃")),
            Transition(
                "resend", [SendingState.GIVEN_UP, SendingState.FAILED], SendingState.QUEUED, _("重发")
            ),
        ],
        deletable=SendingState.values,
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at=None),
                name="%(app_label)s_%(class)s_sent_at",
                violation_error_message=_("发送时间与状态不一致。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent"]) | Q(claimed_at__isnull=False, attempts__gte=1),
                name="%(app_label)s_%(class)s_claimed",
                violation_error_message=_("发送过的须有尝试时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "given_up"]) | ~Q(error=""),
                name="%(app_label)s_%(class)s_reason",
                violation_error_message=_("未送达须写明原因。"),
            ),
        ]

    def claim(self) -> bool:
        """Take the row for one try; False when another has it, it is done, or its time has not come."""
        rows = self._rows("claim").filter(due_at__lte=Now())
        taken = self._step(rows, "claim", attempts=F("attempts") + 1, claimed_at=Now())
        if taken:
            self.refresh_from_db(fields=["state", "attempts", "claimed_at"])
        return taken

    def succeed(self, **changes: Any) -> bool:
        """It is there."""
        return self._step(self._mine("succeed"), "succeed", sent_at=Now(), error="", **changes)

    def fail(self, error: NotSent, **changes: Any) -> bool:
        """This try failed: another one after the next pause, or none when all are used up or it is no use."""
        reason = str(error)[:LONGEST_ERROR]
        if error.hopeless or self.attempts > len(self.PAUSES):
            return self._step(self._mine("give_up"), "give_up", error=reason, **changes)
        due = Now() + self.PAUSES[self.attempts - 1]
        return self._step(self._mine("fail"), "fail", error=reason, due_at=due, **changes)

    def give_up(self, reason: str) -> bool:
        """Not to be sent any more, whatever the number of tries."""
        return self._step(self._rows("give_up"), "give_up", error=reason[:LONGEST_ERROR])

    def postpone(self, until: Any) -> bool:
        """Let it wait, which is no try."""
        return self._rows("claim").update(due_at=until) == 1

    def resend(self) -> bool:
        """Somebody wants it tried anew, with all tries before it."""
        return self._step(self._rows("resend"), "resend", attempts=0, due_at=Now(), error="")

    @property
    def may_resend(self) -> bool:
        """Whether `resend` would be of use."""
        return self.state in self.sending["resend"].sources

    def _rows(self, name: str) -> models.QuerySet[Any]:
        return type(self)._base_manager.filter(pk=self.pk, state__in=self.sending[name].sources)

    def _mine(self, name: str) -> models.QuerySet[Any]:
        """The row as long as this try is the newest one."""
        return self._rows(name).filter(attempts=self.attempts)

    def _step(self, rows: models.QuerySet[Any], name: str, **changes: Any) -> bool:
        return rows.update(state=self.sending[name].target, **changes) == 1
