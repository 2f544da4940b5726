"""What an enterprise has to do: what waits for it, facts to supply, windows about to close."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import Status
from appeals.portal.waiting import invitations, unconfirmed, waiting
from enterprises.actors import Actor
from matching.explaining.breakdown import interval_text
from matching.plain.evaluate import Verdict
from policies.applying.pages.waiting import unrated
from policies.applying.pages.waiting import waiting as to_amend_or_send
from policies.enjoying.pages.waiting import last_day_of, waiting_offers
from policies.enums import ApplicationState
from policies.models import Application, ItemVersion
from policies.money.pages.waiting import Look
from policies.survey import Found, Survey
from portal.kernel.money import format_money
from portal.shell.dates import Deadline, day_words

SHOWN = 5
SOON = 30
"""Days before its window closes from which an item that fits is a thing to do."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One line: what, why, by when in words and colour, where."""

    title: str
    note: str
    when: str
    state: str
    url: str


def urgent(surveyed: Survey, today: date, begun: Collection[int] = ()) -> list[Found]:
    """The most urgent first: items that fit and close soon, then questions, then what is missing.

    `begun`: keys of items that are applied for already, with which there is nothing left to begin.
    """
    closing = [one for one in surveyed.groups["fits"] if _closes_soon(one, today) and not one.entry.enjoy]
    closing.sort(key=lambda one: (one.entry.window_to or date.max, -one.worth))
    asking = [one for one in surveyed.groups["open"] if one.entry.is_open(today)]
    lacking = [one for one in surveyed.groups["needs"] if one.entry.is_open(today)]
    found = (one for one in (*closing, *asking, *lacking) if one.entry.item_id not in begun)
    return list(islice(found, SHOWN))


def _closes_soon(one: Found, today: date) -> bool:
    until = one.entry.window_to
    return until is not None and one.entry.is_open(today) and (until - today).days <= SOON


def todo(one: Found, version: ItemVersion, enterprise: int, until: Deadline) -> Todo:
    """One item as a line of the list; `until` is how long its window stays open."""
    amount = interval_text(one.summary.amount) if one.summary.amount and one.entry.pays else ""
    notes = [version.item.department.short_name, version.get_mode_display(), amount]
    if one.summary.verdict is Verdict.ELIGIBLE:
        title = _("去办“%(item)s”") % {"item": version.title}
    elif one.summary.open:
        title = _("填本次情况，算“%(item)s”能拿多少") % {"item": version.title}
    else:
        title = _("补充信息，看是否符合“%(item)s”") % {"item": version.title}
    return Todo(
        title=title,
        note=" · ".join(note for note in notes if note),
        when=until.words if version.window_to else _("随时"),
        state=until.state if version.window_to else "plain",
        url=reverse("enterprise_policy", args=[enterprise, version.item.code]),
    )


def appeals(actor: Actor) -> list[Todo]:
    """Appeals that wait for the enterprise, the first thing to do: clocks stand still meanwhile."""
    lines = []
    for appeal in waiting(actor)[:SHOWN]:
        answered = appeal.status == Status.ANSWERED
        title = _("评价“%(appeal)s”的答复") if answered else _("补充“%(appeal)s”的情况")
        line = Todo(
            title=title % {"appeal": appeal.title},
            note=appeal.number,
            when=_("待评价") if answered else _("补充后继续办"),
            state="due",
            url=reverse("enterprise_appeal", args=[actor.enterprise.pk, appeal.number]),
        )
        lines.append(line)
    return lines


def applications(
    alive: Iterable[Application], today: date, left: Callable[[date | None], Deadline]
) -> list[Todo]:
    """Applications to amend, and drafts whose window closes soon; `left` says how long until a day."""
    lines = []
    for application, last in to_amend_or_send(alive, today, today + timedelta(days=SOON))[:SHOWN]:
        draft = application.state == ApplicationState.DRAFT
        title = _("填完并提交“%(item)s”的申报") if draft else _("补正“%(item)s”的申报")
        until = left(last)
        line = Todo(
            title=title % {"item": application.version.title},
            note=application.number,
            when=until.words,
            state="late" if until.state == "late" else "due",
            url=application.get_absolute_url(),
        )
        lines.append(line)
    return lines


def ratings(actor: Actor, today: date) -> list[Todo]:
    """Decisions of late that the enterprise has not rated yet."""
    return [
        Todo(
            title=_("评价“%(item)s”的办理") % {"item": application.version.title},
            note=application.number,
            when=_("待评价"),
            state="due",
            url=f"{application.get_absolute_url()}#rating",
        )
        for application in unrated(actor, today)[:SHOWN]
    ]


def money(look: Look, enterprise: int) -> list[Todo]:
    """Money that stands still until the enterprise names an account, or another one: one line for all."""
    if not look.stuck:
        return []
    first = look.stuck[0]
    none = first.state == "account"
    fen = sum(track.award.amount_fen for track in look.stuck)
    title = _("确认收款账户，领取 %(amount)s") if none else _("更正收款账户，%(amount)s 才能拨付")
    notes = [first.award.version.title, first.award.item.department.short_name, first.badge[0]]
    return [
        Todo(
            title=title % {"amount": format_money(fen)},
            note=" · ".join(notes),
            when=_("不确认不会拨付"),
            state="due" if none else "late",
            url=reverse("enterprise_account", args=[enterprise]),
        )
    ]


def offers(actor: Actor, left: Callable[[date | None], Deadline]) -> list[Todo]:
    """Money that only waits for a click: the first thing to do."""
    return [
        Todo(
            title=_("确认收款账户，领取“%(item)s”%(amount)s")
            % {"item": one.run.version.title, "amount": format_money(one.amount_fen or 0)},
            note=_("免申即享 · %(department)s · 不确认不会拨付")
            % {"department": one.run.item.department.short_name},
            when=left(last_day_of(one.run)).words,
            state="due",
            url=one.get_absolute_url(),
        )
        for one in waiting_offers(actor, timezone.now())[:SHOWN]
    ]


def visits(actor: Actor) -> list[Todo]:
    """Records of visits to read and to confirm."""
    return [
        Todo(
            title=_("确认%(name)s的走访记录") % {"name": visit.pairing.officer.name},
            note=_("%(day)s来访，见了%(met)s") % {"day": _day(visit.visited_at), "met": visit.met},
            when=_("待确认"),
            state="due",
            url=reverse("enterprise_visit", args=[actor.enterprise.pk, visit.pk]),
        )
        for visit in unconfirmed(actor)[:SHOWN]
    ]


def talks(actor: Actor) -> list[Todo]:
    """Talks that the enterprise is invited to and has not replied to."""
    return [
        Todo(
            title=_("回复是否参加“%(talk)s”") % {"talk": guest.talk.title},
            note=_("%(day)s，%(place)s") % {"day": _day(guest.talk.held_at), "place": guest.talk.place},
            when=_("待回复"),
            state="due",
            url=reverse("enterprise_talk", args=[actor.enterprise.pk, guest.talk_id]) + "#answer",
        )
        for guest in invitations(actor)[:SHOWN]
    ]


def _day(moment: datetime | None) -> str:
    return day_words(timezone.localdate(moment), timezone.localdate()) if moment else ""
