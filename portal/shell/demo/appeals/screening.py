"""What happens at the desk: an appeal is read, asked back, refused, opened to firms or handed out."""

from __future__ import annotations

import datetime as dt
from typing import Final

from appeals.enums import Mode
from portal.accounts.models import Department
from portal.shell.demo.appeals.hours import A_DAY
from portal.shell.demo.appeals.serving import to_the_hall
from portal.shell.demo.appeals.teller import Teller
from portal.shell.demo.appeals.working import taken_on

MISTAKEN: Final = (
    "economy",
    "towns",
    "market",
    "housing",
    "urban_management",
    "high_tech_park",
    "commerce",
    "development",
    "agriculture",
)
"""Departments that get what is not theirs."""


def screened(teller: Teller) -> bool:
    """The desk looks at it: asked back, refused, withdrawn, opened for grabbing, or given out."""
    teller.at = teller.year.hours.after(teller.at, teller.dice.uniform(5, 60))
    desk = teller.year.dispatcher
    if teller.chance(0.04):
        teller.case.ask_back(teller.at, teller.say("ask_back"), desk)
        teller.at += dt.timedelta(hours=teller.dice.expovariate(1 / 14) + 0.3)
        teller.case.supplement(teller.at, teller.say("supplement"), teller.firm.owner)
    if not teller.template.handled:
        teller.case.refuse(teller.later(60, most=300), teller.template.answer, desk)
        return False
    if teller.chance(0.018):
        teller.at += dt.timedelta(minutes=teller.dice.uniform(10, 300))
        teller.case.withdraw(teller.at, teller.say("withdraw"), teller.firm.owner)
        return False
    if teller.chance(0.03):
        teller.at = teller.year.hours.after(teller.at, teller.dice.uniform(2.1 * A_DAY, 3.4 * A_DAY))
    teller.later(70, most=330)
    if teller.template.mode == Mode.GRAB:
        to_the_hall(teller)
    else:
        handed_out(teller)
    return True


def handed_out(teller: Teller) -> None:
    """Given to the right department, or to a wrong one first."""
    desk, right = teller.year.dispatcher, teller.year.county.departments[teller.template.department]
    wrong = [code for code in MISTAKEN if code != teller.template.department]
    if teller.about is None and teller.chance(0.055):
        teller.case.dispatch(teller.at, teller.target(teller.dice.choice(wrong)), desk)
        twice = teller.chance(0.25)
        if twice:
            other = teller.year.county.departments[teller.dice.choice(wrong)]
            while other == teller.case.lead.now("department"):
                other = teller.year.county.departments[teller.dice.choice(wrong)]
            sent_back(teller, other)
            teller.case.dispatch(teller.later(50, most=200), teller.target(other.code), desk)
        sent_back(teller, right)
        if twice:
            mediator = teller.year.county.people["mediator"]
            teller.case.decide(teller.later(70, most=235), teller.target(), teller.say("decide"), mediator)
        else:
            teller.case.dispatch(teller.later(50, most=240), teller.target(), desk)
    else:
        beside = [teller.target(code) for code in teller.template.co if code != teller.template.department]
        teller.case.dispatch(teller.at, teller.target(), desk, beside if teller.chance(0.7) else ())
    taken_on(teller)


def sent_back(teller: Teller, rightful: Department) -> None:
    """The department says whose it is."""
    teller.case.return_order(teller.later(110, most=360), teller.say("return"), rightful, teller.worker())
