"""Messages of enjoy runs: to officials who have something to do, to enterprises what waits for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Membership
from policies.models import EnjoyCandidate, EnjoyCandidateEvent, EnjoyRun, EnjoyRunEvent
from policies.models.enjoying.vocabulary import Way
from policies.reviewers import reviewers_of
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

KIND = "enjoy"


@in_language_of_record()
def tell_officials(
    run: EnjoyRun, event: EnjoyRunEvent | EnjoyCandidateEvent, title: str, *roles: str, body: str = ""
) -> None:
    """Write to who holds one of the roles in the item's department, substitutes included; once an event.

    Not to members of an enterprise that it is about: they stand back (回避).
    """
    department = run.item.department_id
    about = run.candidates.standing()
    if isinstance(event, EnjoyCandidateEvent):
        about = run.candidates.filter(pk=event.subject_id)
    own = Membership.objects.current().filter(enterprise__in=about.values("enterprise"))
    people = reviewers_of(department, roles).exclude(pk__in=own.values("user"))
    boxes = Mailbox.objects.filter(user__in=people).order_by("pk").values_list("pk", flat=True)
    key = f"{event._meta.model_name}:{event.pk}"
    send_messages(
        Draft(
            mailbox=box,
            key=key,
            kind="review",
            title=title,
            body=body or str(run),
            url=run.get_absolute_url(),
            payload={"department": department},
        )
        for box in boxes
    )


@in_language_of_record()
def tell_offers(run: EnjoyRun, candidates: Iterable[EnjoyCandidate]) -> int:
    """Tell those who are in what is theirs and until when; `candidates` with their enterprises."""
    until = last_day(run.offer_until)
    title = run.version.title
    return send_messages(
        Draft(
            mailbox=one.enterprise.mailbox_id,
            key=f"enjoy:{one.pk}:offer",
            kind=KIND,
            title=_("您有 %(amount)s 免申即享奖补待确认") % {"amount": format_money(one.amount_fen or 0)},
            body=_("“%(item)s”：系统已核对您符合条件，不用申报。请在 %(day)s前确认收款账户，点一下领取。")
            % {"item": title, "day": until},
            url=one.get_absolute_url(),
        )
        for one in candidates
    )


@in_language_of_record()
def tell_almost(run: EnjoyRun, candidates: Iterable[EnjoyCandidate]) -> int:
    """Tell those who are almost in what they lack and the shortest way that is left."""
    ways = {
        Way.CLICK: _("一键申请，由部门核实后即可享受。"),
        Way.FORM: _("已为您填好申请，补上缺的几项即可提交。"),
        Way.MISSING: _("看看差在哪里，达到后下一次会自动纳入。"),
    }
    return send_messages(
        Draft(
            mailbox=one.enterprise.mailbox_id,
            key=f"enjoy:{one.pk}:almost",
            kind=KIND,
            title=_("差一步就能享受“%(item)s”") % {"item": run.version.title},
            body=f"{one.words}。{ways[Way(one.way)]}",
            url=one.get_absolute_url(),
        )
        for one in candidates
    )


@in_language_of_record()
def tell_enterprise(candidate: EnjoyCandidate, event: EnjoyCandidateEvent, title: str, body: str) -> None:
    """Write to one enterprise about what has become of its offer."""
    send_messages(
        [
            Draft(
                mailbox=candidate.enterprise.mailbox_id,
                key=f"enjoy:{candidate.pk}:{event.pk}",
                kind=KIND,
                title=title,
                body=body,
                url=candidate.get_absolute_url(),
            )
        ]
    )


@in_language_of_record()
def last_day(until: dt.datetime | None) -> str:
    """The last day of a span that ends with the midnight after it, in words."""
    if until is None:
        return ""
    day = timezone.localdate(until - dt.timedelta(microseconds=1))
    return _("%(month)d 月 %(day)d 日") % {"month": day.month, "day": day.day}
