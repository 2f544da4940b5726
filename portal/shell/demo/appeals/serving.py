"""What service providers do: grab what is open, take or decline what is picked, deliver, get their stars."""

from __future__ import annotations

from appeals.enums import Outcome, Side
from appeals.models import Provider
from portal.shell.demo.appeals.hours import MINUTE
from portal.shell.demo.appeals.teller import FALLBACK, Teller
from portal.shell.demo.appeals.working import taken_on


def to_the_hall(teller: Teller) -> None:
    """Opened to be grabbed; what nobody takes is given to the public service centre."""
    teller.case.open_grab(teller.at, teller.year.dispatcher)
    in_the_hall(teller)


def in_the_hall(teller: Teller) -> None:
    """Grabbed by a firm that qualifies, or by none."""
    lead, begun = teller.case.lead, teller.at
    window = lead.now("window_to")
    able = teller.year.county.serving.get(teller.template.category, [])
    taken = teller.later(140)
    if able and taken < window and teller.chance(0.9):
        provider = teller.dice.choice(able)
        teller.case.grab(taken, provider, teller.year.county.members[provider.pk])
        return
    teller.at = max(begun, window) + MINUTE * teller.dice.uniform(0.1, 0.9)
    teller.case.close_grab(teller.at)
    teller.case.dispatch(teller.later(60, most=300), teller.target(*FALLBACK), teller.year.dispatcher)
    taken_on(teller)


def picked(teller: Teller) -> None:
    """The provider picked answers, declines, or lets the time pass."""
    lead = teller.case.lead
    provider: Provider = lead.now("provider")
    member, fate = teller.year.county.members[provider.pk], teller.dice.random()
    if fate < 0.84:
        teller.case.accept(teller.sooner_or_late(lead.due("pick"), 0), member)
        return
    if fate < 0.93:
        teller.case.decline(teller.later(120, most=350), teller.say("decline"), member)
    else:
        teller.at = lead.due("pick") + MINUTE * teller.dice.uniform(0.1, 0.9)
        teller.case.fall(teller.at)
    in_the_hall(teller)


def served(teller: Teller) -> None:
    """Work by a firm or a centre."""
    if teller.chance(0.7):
        teller.case.note(teller.later(90), teller.say("service"), teller.worker(), public=True)
    due = teller.case.lead.due(teller.case.lead.span)
    teller.sooner_or_late(due, 0.1)
    teller.case.answer(teller.at, Outcome.SOLVED, teller.say("served"), teller.worker())


def starred(teller: Teller, provider: Provider) -> None:
    """Stars from three sides: each firm has a quality of its own."""
    quality = 2.6 if provider.pk % 13 == 7 else 4.0 + (provider.pk * 7 % 10) / 12
    department = provider.department
    staff = teller.year.county.staff
    sides = [
        (Side.ENTERPRISE, 0.75, teller.firm.owner),
        (Side.DEPARTMENT, 0.4, staff.somebody(department) if department else None),
        (Side.CENTRE, 0.35, teller.year.dispatcher),
    ]
    for side, likely, by in sides:
        if by is None or not teller.chance(likely):
            continue
        stars = min(5, max(1, round(teller.dice.gauss(quality, 0.6))))
        teller.at += MINUTE * teller.dice.uniform(5, 600)
        teller.case.rate(teller.at, side, stars, teller.say("rated" if stars > 2 else "poor"), by)
