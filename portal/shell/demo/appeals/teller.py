"""One story from its filing as far as the present lets it: who does what, and how long everybody takes."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Final

from django.utils import timezone

from appeals.dispatching import Target
from appeals.enums import Mode, Secrecy, Source
from appeals.filing import Filing
from appeals.models import ServiceItem
from portal.accounts.models import Department, User
from portal.shell.demo import names
from portal.shell.demo.appeals.book import Book, Moment
from portal.shell.demo.appeals.case import Case
from portal.shell.demo.appeals.county import County, Firm
from portal.shell.demo.appeals.hours import A_DAY, Hours
from portal.shell.demo.appeals.texts import Slots, Template, kinship
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
        if not offered or not self.chance(wish):
            return None
        near = {each.pk: kinship(self.template, each.name) for each in offered}
        return self.dice.choice([each for each in offered if near[each.pk] == max(near.values())])

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


def choose(dice: random.Random, firms: list[Firm], template: Template) -> Firm | None:
    """A firm that may say it; some speak up more often than others."""
    able = [firm for firm in firms if not firm.shown and firm.audiences.intersection(template.audiences)]
    return able[int(len(able) * dice.random() ** 1.5)] if able else None
