"""One story from its filing as far as the present lets it: who does what, and how long everybody takes."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from django.utils import timezone

from appeals.dispatching import Target
from appeals.enums import Mode, OrderState, Outcome, Satisfaction, Secrecy, Side, Source
from appeals.filing import Filing
from appeals.models import Provider, ServiceItem
from portal.accounts.models import Department, User
from portal.shell.demo import names
from portal.shell.demo.appeals.book import Book, Moment, NotYet
from portal.shell.demo.appeals.case import Case
from portal.shell.demo.appeals.county import County, Firm
from portal.shell.demo.appeals.hours import A_DAY, MINUTE, Hours
from portal.shell.demo.appeals.texts import Slots, Template
from portal.shell.demo.chance import pick
from portal.shell.demo.officials import NOBODY

SOURCES: Final = (
    (Source.PORTAL, 70),
    (Source.PHONE, 13),
    (Source.VISIT, 7),
    (Source.TOWN, 5),
    (Source.TALK, 3),
    (Source.API, 2),
)
WATCHED: Final = (
    ("justice", "法治监督与复议科"),
    ("discipline", "党风政风监督室"),
    ("county_office", "督查科"),
)
"""Where complaints about departments go."""
ABOUT: Final = ("market", "fire", "emergency", "ecology", "housing", "urban_management", "tax", "transport")
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
OUTCOMES: Final = (
    (Outcome.SOLVED, 64),
    (Outcome.EXPLAINED, 20),
    (Outcome.PROMISED, 9),
    (Outcome.UNABLE, 7),
)
FALLBACK: Final = ("sme_centre", "公共服务部")
"""Who takes what no firm grabbed."""


@dataclass
class Year:
    """What all stories share."""

    book: Book
    county: County
    hours: Hours
    phrases: dict[str, list[str]]

    @property
    def dispatcher(self) -> User:
        return self.county.people["dispatcher"]


@dataclass
class Teller:
    """Tells one story; `at` is where it has come to."""

    year: Year
    dice: random.Random
    firm: Firm
    template: Template
    at: Moment
    urgent: bool = False
    source: str = ""
    case: Case = field(init=False)
    about: Department | None = None
    service: ServiceItem | None = None
    free: bool = False
    """Whether it may pick a service of itself."""

    def __post_init__(self) -> None:
        self.case = Case(self.year.book, self.year.county.staff)
        place = (self.template.department, self.template.section)
        if place in WATCHED and self.dice.random() < 0.75:
            self.about = self.year.county.departments[self.dice.choice(ABOUT)]
        self.urgent = self.urgent or self.dice.random() < 0.05
        self.source = self.source or pick(self.dice, SOURCES)

    # Small words

    def chance(self, probability: float) -> bool:
        """Whether it happens."""
        return self.dice.random() < probability

    def say(self, kind: str) -> str:
        """One of the sentences of a kind."""
        return self.dice.choice(self.year.phrases[kind])

    def later(self, mean: float, *, most: float = 10 * A_DAY) -> Moment:
        """Some working minutes on."""
        self.at = self.year.hours.after(self.at, min(1 + self.dice.expovariate(1 / mean), most))
        return self.at

    def sooner_or_late(self, due: Moment, late: float) -> Moment:
        """A working moment before the deadline, or with a chance one after it."""
        if self.chance(late):
            start = max(self.at, due)
            self.at = self.year.hours.after(start, self.dice.uniform(60, 3.2 * A_DAY))
            return self.at
        left = self.year.hours.between(self.at, due)
        self.at = self.year.hours.after(self.at, max(1.0, left * self.dice.betavariate(2, 2.6)))
        return self.at

    @property
    def day(self) -> dt.date:
        """The day it has come to."""
        return timezone.localdate(self.at)

    def target(self, code: str = "", section: str = "") -> Target:
        """Section, leader and handler of a department, as a dispatcher chooses them that day."""
        county = self.year.county
        place = (code, section) if code else (self.template.department, self.template.section)
        place = FALLBACK if place[0] == NOBODY else place
        department, found = county.departments[place[0]], county.sections.get(place)
        leader = county.staff.leader(department, self.day) if self.chance(0.8) else None
        region = names.TOWNS.get(self.firm.enterprise.region_id or "", ("",))[0]
        people = county.staff.people(found, region, self.day) if found else []
        handler = self.dice.choice(people) if people and self.chance(0.8) else None
        return Target(department, found, leader, handler)

    def worker(self) -> User:
        """Who works on the lead order."""
        lead = self.case.lead
        provider = lead.now("provider")
        return self.year.county.members[provider.pk] if provider else self.year.county.staff.worker(lead)

    # Filing

    def choice(self) -> ServiceItem | None:
        """The service that the enterprise picks, when it picks one."""
        if not self.free or self.source != Source.PORTAL:
            return None
        offered = self.year.county.services.get(self.template.category, [])
        wish = {Mode.PICK: 0.9, Mode.GRAB: 0.3}.get(Mode(self.template.mode), 0.0)
        return self.dice.choice(offered) if offered and self.chance(wish) else None

    def filing(self) -> Filing:
        """What the enterprise writes."""
        county, firm = self.year.county, self.firm
        told = self.template.filled(Slots.of(self.dice, firm.town, firm.enterprise.industry or ""))
        self.template = told
        market = self.template.mode != Mode.DISPATCH
        secret = self.about is not None and self.chance(0.5)
        return Filing(
            title=told.title,
            text=told.text,
            contact_name=firm.owner.name if self.chance(0.6) else names.person(self.dice),
            contact_phone=firm.phone,
            category=county.categories[told.category] if market or self.chance(0.9) else None,
            place=f"{firm.town}{self.dice.choice(('厂区门口', '店面', '办公楼', '项目现场'))}"
            if self.chance(0.35)
            else "",
            region=firm.enterprise.region_id or "",
            urgent=self.urgent,
            secrecy=Secrecy.CONFIDENTIAL if secret else Secrecy.OPEN,
            about=self.about,
            anonymous=self.about is not None and self.chance(0.4),
        )

    def file(self) -> None:
        """Write it down: picked from the mall, or handed in."""
        service = self.service or self.choice()
        if service is not None:
            filing = self.filing()
            self.case.pick(self.at, self.firm.enterprise, filing, service, self.firm.owner)
            return
        by = {Source.PORTAL: self.firm.owner, Source.API: None}.get(Source(self.source), self.year.dispatcher)
        self.case.file(self.at, self.firm.enterprise, self.filing(), by, self.source)

    # The whole of it

    def tell_rating(self) -> None:
        """What the enterprise says of the answer, as far as the present."""
        with suppress(NotYet):
            self.rated()

    def go_on(self) -> None:
        """A story as they are: most go well."""
        if self.case.lead.now("mode") == Mode.PICK:
            self.picked()
        elif not self.screened():
            return
        self.served() if self.case.lead.now("provider") else self.handled()
        self.rated()

    def screened(self) -> bool:
        """The desk looks at it: asked back, refused, withdrawn, opened for grabbing, or given out."""
        self.at = self.year.hours.after(self.at, self.dice.uniform(5, 60))
        desk = self.year.dispatcher
        if self.chance(0.04):
            self.case.ask_back(self.at, self.say("ask_back"), desk)
            self.at += dt.timedelta(hours=self.dice.expovariate(1 / 14) + 0.3)
            self.case.supplement(self.at, self.say("supplement"), self.firm.owner)
        if not self.template.handled:
            self.case.refuse(self.later(60, most=300), self.template.answer, desk)
            return False
        if self.chance(0.018):
            self.at += dt.timedelta(minutes=self.dice.uniform(10, 300))
            self.case.withdraw(self.at, self.say("withdraw"), self.firm.owner)
            return False
        if self.chance(0.03):
            self.at = self.year.hours.after(self.at, self.dice.uniform(2.1 * A_DAY, 3.4 * A_DAY))
        self.later(70, most=330)
        if self.template.mode == Mode.GRAB:
            return self.to_the_hall()
        self.handed_out()
        return True

    def to_the_hall(self) -> bool:
        """Opened to be grabbed; what nobody takes is given to the public service centre."""
        self.case.open_grab(self.at, self.year.dispatcher)
        self.in_the_hall()
        return True

    def in_the_hall(self) -> None:
        """Grabbed by a firm that qualifies, or by none."""
        lead, begun = self.case.lead, self.at
        window = lead.now("window_to")
        able = self.year.county.serving.get(self.template.category, [])
        taken = self.later(140)
        if able and taken < window and self.chance(0.9):
            provider = self.dice.choice(able)
            self.case.grab(taken, provider, self.year.county.members[provider.pk])
            return
        self.at = max(begun, window) + MINUTE * self.dice.uniform(0.1, 0.9)
        self.case.close_grab(self.at)
        self.case.dispatch(self.later(60, most=300), self.target(*FALLBACK), self.year.dispatcher)
        self.taken_on()

    def picked(self) -> None:
        """The provider picked answers, declines, or lets the time pass."""
        lead = self.case.lead
        provider: Provider = lead.now("provider")
        member, fate = self.year.county.members[provider.pk], self.dice.random()
        if fate < 0.84:
            self.case.accept(self.sooner_or_late(lead.due("pick"), 0), member)
            return
        if fate < 0.93:
            self.case.decline(self.later(120, most=350), self.say("decline"), member)
        else:
            self.at = lead.due("pick") + MINUTE * self.dice.uniform(0.1, 0.9)
            self.case.fall(self.at)
        self.in_the_hall()

    def handed_out(self) -> None:
        """Given to the right department, or to a wrong one first."""
        desk, right = self.year.dispatcher, self.year.county.departments[self.template.department]
        wrong = [code for code in MISTAKEN if code != self.template.department]
        if self.about is None and self.chance(0.055):
            self.case.dispatch(self.at, self.target(self.dice.choice(wrong)), desk)
            twice = self.chance(0.25)
            if twice:
                other = self.year.county.departments[self.dice.choice(wrong)]
                while other == self.case.lead.now("department"):
                    other = self.year.county.departments[self.dice.choice(wrong)]
                self.sent_back(other)
                self.case.dispatch(self.later(50, most=200), self.target(other.code), desk)
            self.sent_back(right)
            if twice:
                mediator = self.year.county.people["mediator"]
                self.case.decide(self.later(70, most=235), self.target(), self.say("decide"), mediator)
            else:
                self.case.dispatch(self.later(50, most=240), self.target(), desk)
        else:
            beside = [self.target(code) for code in self.template.co if code != self.template.department]
            self.case.dispatch(self.at, self.target(), desk, beside if self.chance(0.7) else ())
        self.taken_on()

    def sent_back(self, rightful: Department) -> None:
        """The department says whose it is."""
        self.case.return_order(self.later(110, most=360), self.say("return"), rightful, self.worker())

    def taken_on(self) -> None:
        """The department takes it on, mostly in time; those beside it too."""
        lead = self.case.lead
        if self.chance(0.03):
            self.at = self.year.hours.after(lead.due("accept"), self.dice.uniform(20, 500))
        else:
            self.later(80, most=330)
        self.case.accept(self.at, self.worker())
        for sheet in self.case.paper.sheets:
            if sheet.now("state") == OrderState.OFFERED and self.chance(0.85):
                self.case.accept(self.later(20), self.year.county.staff.worker(sheet), sheet)

    def handled(self) -> None:
        """Work at a department, up to the answer."""
        case, worker = self.case, self.worker()
        if self.chance(0.4):
            case.note(self.later(50, most=200), self.say("inside"), worker, public=False)
        if self.chance(0.07):
            case.ask(self.later(60, most=200), self.say("ask"), worker)
            self.at += dt.timedelta(hours=0.3 + self.dice.expovariate(1 / 20))
            case.reply(self.at, self.say("reply"), self.firm.owner)
        if self.chance(0.025):
            target = self.target()
            if (target.section, target.handler) != (case.lead.now("section"), case.lead.now("handler")):
                case.transfer(self.later(60), target, self.say("transfer"), worker)
                case.accept(self.later(60, most=300), self.worker())
        late = self.chance(0.075)
        if self.chance(0.35):
            case.note(self.later(70, most=300), self.say("public"), self.worker(), public=True)
        due = case.lead.due(case.lead.span)
        if late:
            self.at = max(self.at, self.year.hours.after(due, self.dice.uniform(30, 900)))
            if self.chance(0.45):
                case.chase(self.at, self.firm.owner)
            if self.chance(0.12):
                case.supervise(self.later(30), self.say("supervise"), self.year.county.people["supervisor"])
            self.later(1.1 * A_DAY)
        else:
            self.sooner_or_late(due, 0)
        self.answered(pick(self.dice, OUTCOMES))
        self.supervised()

    def answered(self, outcome: str) -> None:
        """The answer, and what became of a promise."""
        case, worker = self.case, self.worker()
        for sheet in case.paper.sheets:
            if sheet.row.kind == "co" and sheet.now("state") == OrderState.HANDLING and self.chance(0.7):
                colleague = self.year.county.staff.worker(sheet)
                case.answer(self.at, Outcome.EXPLAINED, "意见已反馈主办单位。", colleague, sheet=sheet)
        if outcome != Outcome.PROMISED:
            text = self.template.answer if outcome == Outcome.SOLVED else self.say(outcome)
            case.answer(self.at, outcome, text, worker)
            return
        due_on = self.day + dt.timedelta(days=self.dice.randint(7, 60))
        what = self.say("promise")
        case.answer(self.at, outcome, self.say("promised"), worker, promise=(what, due_on))
        late, due = self.chance(0.2), case.lead.due("promise")
        if late:
            self.at = self.year.hours.after(due, self.dice.uniform(100, 12 * A_DAY))
        else:
            left = self.year.hours.between(self.at, due)
            self.at = self.year.hours.after(self.at, left * self.dice.betavariate(4, 1.6))
        case.keep_promise(self.at, self.say("kept_late" if late else "kept"), self.worker())

    def supervised(self) -> None:
        """A supervision order that lives is answered by the department and closed by the supervisor."""
        sheets = [each for each in self.case.paper.sheets if each.row.kind == "supervision" and each.live]
        for sheet in sheets:
            worker = self.year.county.staff.worker(sheet)
            self.case.accept(self.later(60, most=200), worker, sheet)
            self.later(1.5 * A_DAY, most=4 * A_DAY)
            self.case.answer(self.at, Outcome.SOLVED, self.say("supervised"), worker, sheet=sheet)
            self.case.finish(self.later(120), self.year.county.people["supervisor"])

    def served(self) -> None:
        """Work by a firm or a centre."""
        if self.chance(0.7):
            self.case.note(self.later(90), self.say("service"), self.worker(), public=True)
        due = self.case.lead.due(self.case.lead.span)
        self.sooner_or_late(due, 0.1)
        self.case.answer(self.at, Outcome.SOLVED, self.say("served"), self.worker())

    # What the enterprise says

    def rated(self) -> None:
        """The survey, or silence; then what follows from it."""
        provider = self.case.lead.now("provider")
        answered_at, due = self.at, self.case.lead.due("survey")
        if not self.chance(0.66):
            self.at = due + MINUTE * self.dice.uniform(1, 59)
            self.case.close_unrated(self.at)
        else:
            self.at = min(self.at + dt.timedelta(hours=self.dice.expovariate(1 / 30) + 0.2), due - MINUTE)
            unhappy = 0.06 if provider is None else 0.03
            self.judged(
                pick(self.dice, (("satisfied", 78), ("neutral", 16), ("dissatisfied", 100 * unhappy)))
            )
        if provider is not None and self.case.lead.now("provider") is not None:
            self.starred(provider)
        if provider is None and self.at - answered_at < dt.timedelta(days=9) and self.chance(0.012):
            self.again()

    def judged(self, satisfaction: str) -> None:
        """What the enterprise says of the answer; a second handling and supervision when it must be."""
        case, solved = self.case, self.chance(0.93) and satisfaction != Satisfaction.DISSATISFIED
        by_phone = self.chance(0.2)
        by = self.year.dispatcher if by_phone else self.firm.owner
        case.survey(self.at, satisfaction, solved, self.say(satisfaction), by, by_phone)
        if satisfaction != Satisfaction.DISSATISFIED:
            return
        if case.lead.now("state") == OrderState.CLOSED:
            self.supervised()
            return
        if case.lead.now("state") == OrderState.WAITING:
            case.dispatch(self.later(60, most=300), self.target(*FALLBACK), self.year.dispatcher)
        case.accept(self.later(90, most=300), self.worker())
        self.sooner_or_late(case.lead.due("second"), 0.1)
        case.answer(self.at, Outcome.SOLVED, self.say("second"), self.worker())
        self.at += dt.timedelta(hours=self.dice.uniform(2, 90))
        self.judged(pick(self.dice, (("satisfied", 60), ("neutral", 22), ("dissatisfied", 18))))

    def again(self) -> None:
        """The same trouble again some time later: a new round."""
        self.at += dt.timedelta(days=self.dice.uniform(4, 25))
        self.case.reopen(self.at, self.say("reopen"), self.firm.owner)
        self.case.dispatch(self.later(60, most=300), self.target(), self.year.dispatcher)
        self.case.accept(self.later(60, most=300), self.worker())
        self.sooner_or_late(self.case.lead.due("second"), 0.05)
        self.case.answer(self.at, Outcome.SOLVED, self.say("second"), self.worker())
        self.at += dt.timedelta(hours=self.dice.uniform(2, 90))
        self.judged("satisfied")

    def starred(self, provider: Provider) -> None:
        """Stars from three sides: each firm has a quality of its own."""
        quality = 2.6 if provider.pk % 13 == 7 else 4.0 + (provider.pk * 7 % 10) / 12
        department = provider.department
        staff = self.year.county.staff
        sides = [
            (Side.ENTERPRISE, 0.75, self.firm.owner),
            (Side.DEPARTMENT, 0.4, staff.somebody(department) if department else None),
            (Side.CENTRE, 0.35, self.year.dispatcher),
        ]
        for side, likely, by in sides:
            if by is None or not self.chance(likely):
                continue
            stars = min(5, max(1, round(self.dice.gauss(quality, 0.6))))
            self.at += MINUTE * self.dice.uniform(5, 600)
            self.case.rate(self.at, side, stars, self.say("rated" if stars > 2 else "poor"), by)


def choose(dice: random.Random, firms: list[Firm], template: Template) -> Firm | None:
    """A firm that may say it; some speak up more often than others."""
    able = [firm for firm in firms if not firm.shown and firm.audiences.intersection(template.audiences)]
    return able[int(len(able) * dice.random() ** 1.5)] if able else None
