"""What a department does with an order: takes it on, works, answers, keeps its promise; is supervised."""

from __future__ import annotations

import datetime as dt
from typing import Final

from appeals.enums import OrderState, Outcome
from portal.shell.demo.appeals.hours import A_DAY
from portal.shell.demo.appeals.teller import Teller
from portal.shell.demo.chance import pick

OUTCOMES: Final = (
    (Outcome.SOLVED, 64),
    (Outcome.EXPLAINED, 20),
    (Outcome.PROMISED, 9),
    (Outcome.UNABLE, 7),
)


def taken_on(teller: Teller) -> None:
    """The department takes it on, mostly in time; those beside it too."""
    lead = teller.case.lead
    if teller.chance(0.03):
        teller.at = teller.year.hours.after(lead.due("accept"), teller.dice.uniform(20, 500))
    else:
        teller.later(80, most=330)
    teller.case.accept(teller.at, teller.worker())
    for sheet in teller.case.paper.sheets:
        if sheet.now("state") == OrderState.OFFERED and teller.chance(0.85):
            teller.case.accept(teller.later(20), teller.year.county.staff.worker(sheet), sheet)


def handled(teller: Teller) -> None:
    """Work at a department, up to the answer."""
    case, worker = teller.case, teller.worker()
    if teller.chance(0.4):
        case.note(teller.later(50, most=200), teller.say("inside"), worker, public=False)
    if teller.chance(0.07):
        case.ask(teller.later(60, most=200), teller.say("ask"), worker)
        teller.at += dt.timedelta(hours=0.3 + teller.dice.expovariate(1 / 20))
        case.reply(teller.at, teller.say("reply"), teller.firm.owner)
    if teller.chance(0.025):
        target = teller.target()
        if (target.section, target.handler) != (case.lead.now("section"), case.lead.now("handler")):
            case.transfer(teller.later(60), target, teller.say("transfer"), worker)
            case.accept(teller.later(60, most=300), teller.worker())
    late = teller.chance(0.075)
    if teller.chance(0.35):
        case.note(teller.later(70, most=300), teller.say("public"), teller.worker(), public=True)
    due = case.lead.due(case.lead.span)
    if late:
        teller.at = max(teller.at, teller.year.hours.after(due, teller.dice.uniform(30, 900)))
        if teller.chance(0.45):
            case.chase(teller.at, teller.firm.owner)
        if teller.chance(0.12):
            case.supervise(teller.later(30), teller.say("supervise"), teller.year.county.people["supervisor"])
        teller.later(1.1 * A_DAY)
    else:
        teller.sooner_or_late(due, 0)
    answered(teller, pick(teller.dice, OUTCOMES))
    supervised(teller)


def answered(teller: Teller, outcome: str) -> None:
    """The answer, and what became of a promise."""
    case, worker = teller.case, teller.worker()
    for sheet in case.paper.sheets:
        if sheet.row.kind == "co" and sheet.now("state") == OrderState.HANDLING and teller.chance(0.7):
            colleague = teller.year.county.staff.worker(sheet)
            case.answer(teller.at, Outcome.EXPLAINED, "意见已反馈主办单位。", colleague, sheet=sheet)
    if outcome != Outcome.PROMISED:
        text = teller.template.answer if outcome == Outcome.SOLVED else teller.say(outcome)
        case.answer(teller.at, outcome, text, worker)
        return
    due_on = teller.day + dt.timedelta(days=teller.dice.randint(7, 60))
    what = teller.say("promise")
    case.answer(teller.at, outcome, teller.say("promised"), worker, promise=(what, due_on))
    late, due = teller.chance(0.2), case.lead.due("promise")
    if late:
        teller.at = teller.year.hours.after(due, teller.dice.uniform(100, 12 * A_DAY))
    else:
        left = teller.year.hours.between(teller.at, due)
        teller.at = teller.year.hours.after(teller.at, left * teller.dice.betavariate(4, 1.6))
    case.keep_promise(teller.at, teller.say("kept_late" if late else "kept"), teller.worker())


def supervised(teller: Teller) -> None:
    """A supervision order that lives is answered by the department and closed by the supervisor."""
    sheets = [each for each in teller.case.paper.sheets if each.row.kind == "supervision" and each.live]
    for sheet in sheets:
        worker = teller.year.county.staff.worker(sheet)
        teller.case.accept(teller.later(60, most=200), worker, sheet)
        teller.later(1.5 * A_DAY, most=4 * A_DAY)
        teller.case.answer(teller.at, Outcome.SOLVED, teller.say("supervised"), worker, sheet=sheet)
        teller.case.finish(teller.later(120), teller.year.county.people["supervisor"])
