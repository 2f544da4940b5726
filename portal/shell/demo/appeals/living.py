"""A story as most of them go: from the desk over the work to what the enterprise says of it."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from appeals.enums import Mode, OrderState, Outcome, Satisfaction
from portal.shell.demo.appeals.book import NotYet
from portal.shell.demo.appeals.hours import MINUTE
from portal.shell.demo.appeals.screening import screened
from portal.shell.demo.appeals.serving import picked, served, starred
from portal.shell.demo.appeals.teller import FALLBACK, Teller
from portal.shell.demo.appeals.working import handled, supervised
from portal.shell.demo.chance import pick


def go_on(teller: Teller) -> None:
    """The whole of it, from the filing on."""
    if teller.case.lead.now("mode") == Mode.PICK:
        picked(teller)
    elif not screened(teller):
        return
    served(teller) if teller.case.lead.now("provider") else handled(teller)
    rated(teller)


def tell_rating(teller: Teller) -> None:
    """What the enterprise says of the answer, as far as the present."""
    with suppress(NotYet):
        rated(teller)


def rated(teller: Teller) -> None:
    """The survey, or silence; then what follows from it."""
    provider = teller.case.lead.now("provider")
    answered_at, due = teller.at, teller.case.lead.due("survey")
    if not teller.chance(0.66):
        teller.at = due + MINUTE * teller.dice.uniform(1, 59)
        teller.case.close_unrated(teller.at)
    else:
        teller.at = min(teller.at + dt.timedelta(hours=teller.dice.expovariate(1 / 30) + 0.2), due - MINUTE)
        unhappy = 0.06 if provider is None else 0.03
        judged(
            teller, pick(teller.dice, (("satisfied", 78), ("neutral", 16), ("dissatisfied", 100 * unhappy)))
        )
    if provider is not None and teller.case.lead.now("provider") is not None:
        starred(teller, provider)
    if provider is None and teller.at - answered_at < dt.timedelta(days=9) and teller.chance(0.012):
        again(teller)


def judged(teller: Teller, satisfaction: str) -> None:
    """What the enterprise says of the answer; a second handling and supervision when it must be."""
    case, solved = teller.case, teller.chance(0.93) and satisfaction != Satisfaction.DISSATISFIED
    by_phone = teller.chance(0.2)
    by = teller.year.dispatcher if by_phone else teller.firm.owner
    case.survey(teller.at, satisfaction, solved, teller.say(satisfaction), by, by_phone)
    if satisfaction != Satisfaction.DISSATISFIED:
        return
    if case.lead.now("state") == OrderState.CLOSED:
        supervised(teller)
        return
    if case.lead.now("state") == OrderState.WAITING:
        case.dispatch(teller.later(60, most=300), teller.target(*FALLBACK), teller.year.dispatcher)
    case.accept(teller.later(90, most=300), teller.worker())
    teller.sooner_or_late(case.lead.due("second"), 0.1)
    case.answer(teller.at, Outcome.SOLVED, teller.say("second"), teller.worker())
    teller.at += dt.timedelta(hours=teller.dice.uniform(2, 90))
    judged(teller, pick(teller.dice, (("satisfied", 60), ("neutral", 22), ("dissatisfied", 18))))


def again(teller: Teller) -> None:
    """The same trouble again some time later: a new round."""
    teller.at += dt.timedelta(days=teller.dice.uniform(4, 25))
    teller.case.reopen(teller.at, teller.say("reopen"), teller.firm.owner)
    teller.case.dispatch(teller.later(60, most=300), teller.target(), teller.year.dispatcher)
    teller.case.accept(teller.later(60, most=300), teller.worker())
    teller.sooner_or_late(teller.case.lead.due("second"), 0.05)
    teller.case.answer(teller.at, Outcome.SOLVED, teller.say("second"), teller.worker())
    teller.at += dt.timedelta(hours=teller.dice.uniform(2, 90))
    judged(teller, "satisfied")
