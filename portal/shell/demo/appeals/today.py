"""What lies on the desks today: scripts that stop where somebody has to act; the showpieces' stories.

Each script is a story that begins some working time ago; `SCRIPTS` says how many of each there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appeals.enums import Mode, Outcome, Satisfaction, Source
from portal.shell.demo.appeals.hours import A_DAY
from portal.shell.demo.appeals.screening import sent_back
from portal.shell.demo.appeals.teller import Teller


@dataclass(frozen=True, slots=True)
class Script:
    """A kind of story: how it goes on, and when such stories began, in working minutes before the present.

    `mode`, `complexity`, `watched`, `category`, `department`: of which templates; `due_in`: instead of `ago`,
    begun so that the work is due on the so-manieth working day from today.
    """

    play: Callable[[Teller], None]
    ago: tuple[float, ...] = ()
    due_in: tuple[int, ...] = ()
    mode: str = Mode.DISPATCH
    complexity: str = ""
    watched: bool = False
    category: str = ""
    department: str = ""
    source: str = ""
    urgent: bool = False


def wait(teller: Teller) -> None:
    """Nobody has looked at it yet."""


def ask_back(teller: Teller) -> None:
    """The desk has asked, the enterprise has not answered."""
    teller.case.ask_back(teller.later(20, most=60), teller.say("ask_back"), teller.year.dispatcher)


def give(teller: Teller) -> None:
    """Handed out, and nobody has taken it on yet."""
    teller.case.dispatch(teller.later(20, most=60), teller.target(), teller.year.dispatcher)


def send_back(teller: Teller) -> None:
    """Given to a wrong department, which says so."""
    wrong = "towns" if teller.template.department != "towns" else "economy"
    teller.case.dispatch(teller.later(20, most=60), teller.target(wrong), teller.year.dispatcher)
    right = teller.year.county.departments[teller.template.department]
    sent_back(teller, right)


def dispute(teller: Teller) -> None:
    """Two departments say that it is not theirs: the mediator is to decide."""
    county, desk = teller.year.county, teller.year.dispatcher
    first, second = [code for code in ("towns", "housing", "market") if code != teller.template.department][
        :2
    ]
    teller.case.dispatch(teller.later(20, most=60), teller.target(first), desk)
    teller.case.return_order(
        teller.later(20, most=60), teller.say("return"), county.departments[second], teller.worker()
    )
    teller.case.dispatch(teller.later(20, most=60), teller.target(second), desk)
    teller.case.return_order(
        teller.later(20, most=60),
        teller.say("return"),
        county.departments[teller.template.department],
        teller.worker(),
    )


def work(teller: Teller) -> None:
    """Taken on and being worked on."""
    give(teller)
    teller.case.accept(teller.later(30, most=120), teller.worker())
    teller.case.note(teller.later(30, most=120), teller.say("inside"), teller.worker(), public=False)


def work_late(teller: Teller) -> None:
    """Past its end; the enterprise has asked how it stands."""
    work(teller)
    due = teller.case.lead.due(teller.case.lead.span)
    teller.at = teller.year.hours.after(due, 40)
    teller.case.chase(teller.at, teller.firm.owner)


def ask(teller: Teller) -> None:
    """The department has asked the enterprise: the clock stands still."""
    work(teller)
    teller.case.ask(teller.later(30, most=90), teller.say("ask"), teller.worker())


def answer(teller: Teller) -> None:
    """Answered, and not rated yet."""
    work(teller)
    teller.case.answer(teller.later(60, most=180), Outcome.SOLVED, teller.template.answer, teller.worker())


def promise(teller: Teller) -> None:
    """Answered with a promise that runs."""
    work(teller)
    day = teller.day + dt.timedelta(days=30)
    what = (teller.say("promise"), day)
    teller.case.answer(
        teller.later(60, most=180), Outcome.PROMISED, teller.say("promised"), teller.worker(), promise=what
    )


def disappoint(teller: Teller) -> None:
    """Not satisfied: a higher leader has it."""
    answer(teller)
    teller.at = teller.year.hours.after(teller.at, 90)
    teller.case.survey(
        teller.at, Satisfaction.DISSATISFIED, False, teller.say("dissatisfied"), teller.firm.owner
    )
    teller.case.accept(teller.later(40, most=120), teller.worker())


def disappoint_twice(teller: Teller) -> None:
    """Not satisfied again: under supervision."""
    disappoint(teller)
    teller.case.answer(teller.later(200, most=400), Outcome.SOLVED, teller.say("second"), teller.worker())
    teller.at = teller.year.hours.after(teller.at, 60)
    teller.case.survey(
        teller.at, Satisfaction.DISSATISFIED, False, teller.say("dissatisfied"), teller.firm.owner
    )


def supervise(teller: Teller) -> None:
    """Late, and the supervisor has stepped in."""
    work_late(teller)
    supervisor = teller.year.county.people["supervisor"]
    teller.case.supervise(teller.later(30, most=90), teller.say("supervise"), supervisor)


def open_to_all(teller: Teller) -> None:
    """In the grab hall."""
    teller.case.open_grab(teller.later(10, most=30), teller.year.dispatcher, 72)


def order(teller: Teller) -> None:
    """Picked, and not answered by the provider yet."""


def take(teller: Teller) -> None:
    """The provider works on it."""
    teller.case.accept(teller.later(30, most=90), teller.worker())


def deliver(teller: Teller) -> None:
    """The provider has answered, the enterprise has not rated yet."""
    take(teller)
    teller.case.answer(teller.later(90, most=200), Outcome.SOLVED, teller.say("served"), teller.worker())


SCRIPTS: Final = (
    Script(wait, ago=(12, 35, 70, 130, 210)),
    Script(wait, ago=(25,), source=Source.PHONE, urgent=True),
    Script(wait, ago=(55,), watched=True),
    Script(wait, ago=(95,), mode=Mode.GRAB),
    Script(wait, ago=(2.4 * A_DAY,)),
    Script(ask_back, ago=(160, 1.4 * A_DAY)),
    Script(give, ago=(60, 200)),
    Script(give, ago=(2.5 * A_DAY,)),
    Script(give, ago=(100,), department="economy"),
    Script(send_back, ago=(180, 420)),
    Script(dispute, ago=(230,)),
    Script(open_to_all, ago=(90, 200, 320), mode=Mode.GRAB),
    Script(open_to_all, ago=(140,), mode=Mode.GRAB, category="intellectual_property"),
    Script(work, due_in=(0, 0, 0, 1), complexity="single"),
    Script(work, due_in=(3,), complexity="joint"),
    Script(work, due_in=(-1, -2), complexity="single"),
    Script(work_late, due_in=(-3,), complexity="single"),
    Script(ask, ago=(2 * A_DAY,)),
    Script(disappoint, ago=(2.4 * A_DAY, 2.8 * A_DAY)),
    Script(disappoint_twice, ago=(5.5 * A_DAY,)),
    Script(supervise, due_in=(-5,), complexity="single"),
)
MALL: Final = {"provider": (order, take, deliver), "rival": (order, take), "centre": (order, take, deliver)}
"""Whose services are picked, and how far each order has come."""
HUB: Final = (wait, ask, work, answer, promise, disappoint)
LESSON: Final = (ask_back, work, give, answer)
