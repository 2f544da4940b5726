"""Reminders of applications' deadlines: they climb as `portal.kernel.escalation` says, to `Recipients`.

An enterprise that is to amend is told when that is due soon and when it is late, and nobody above it: it may
still send what is wanted, and no silence of anybody decides an application.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from policies.models import ApplicationClock, ApplicationEvent, StepReminder, StepTarget
from policies.models.applying.deadline import AMEND, NOTICE
from policies.reviewing.recipients import Recipients
from portal.kernel.clocks import Light
from portal.kernel.escalation import Ladder, Rung, climb, title_of, until_words
from portal.kernel.language import in_language_of_record
from portal.notifications.services import Draft, send_messages

LADDER: Final = Ladder(
    ApplicationClock,
    "application",
    ApplicationEvent,
    StepTarget,
    StepReminder,
    aside=(NOTICE,),
    mild=(AMEND,),
)


def remind(now: dt.datetime) -> int:
    """Tell of every clock whose next level is due; how many levels were taken. Nothing after hours."""
    return climb(LADDER, now, _tell)


def _tell(taken: dict[int, Rung], now: dt.datetime) -> None:
    """One message for each clock and light to whoever is to know; who is of two levels is told once."""
    related = ("application__enterprise", "application__item", "application__version", "opinion")
    found: Any = ApplicationClock.objects.filter(pk__in=taken).select_related(*related)
    clocks: list[ApplicationClock] = list(found.order_by("pk"))
    ours = [clock for clock in clocks if clock.target != AMEND]
    labels = dict(StepTarget.objects.values_list("key", "label"))
    send_messages(_to_enterprises([clock for clock in clocks if clock.target == AMEND], taken))
    send_messages(_to_officials(ours, taken, labels, timezone.localdate(now)))


def _to_enterprises(clocks: Sequence[ApplicationClock], taken: dict[int, Rung]) -> Iterator[Draft]:
    for clock in clocks:
        application, light = clock.application, taken[clock.pk].light
        yield Draft(
            mailbox=application.enterprise.mailbox_id,
            key=_key(clock, light),
            kind="application",
            title=_enterprise_title(clock, light),
            body=str(application),
            url=application.get_absolute_url(),
        )


def _to_officials(
    clocks: Sequence[ApplicationClock], taken: dict[int, Rung], labels: dict[str, str], day: dt.date
) -> Iterator[Draft]:
    recipients = Recipients(clocks, day)
    for clock in clocks:
        rung, application = taken[clock.pk], clock.application
        for mailbox, url in recipients.of(clock, rung.whom).items():
            yield Draft(
                mailbox=mailbox,
                key=_key(clock, rung.light),
                kind="review",
                title=title_of(labels.get(clock.target, clock.target), clock.due_at, rung),
                body=f"{application} · {application.enterprise.name}",
                url=url,
            )


@in_language_of_record()
def _enterprise_title(clock: ApplicationClock, light: str) -> str:
    words = {"until": until_words(clock.due_at)}
    if light == Light.YELLOW:
        return _("请在 %(until)s前补正申报") % words
    return _("补正期限 %(until)s已过，请尽快补正；不再申报的请撤回") % words


def _key(clock: ApplicationClock, light: str) -> str:
    return f"applicationclock:{clock.pk}:{light}"
