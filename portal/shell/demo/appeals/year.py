"""A year of appeals up to a moment: which are filed when, and each one's story. Same seed, same year."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from django.utils import timezone

from appeals.enums import Mode
from appeals.models import ClockTarget
from portal.kernel.workdays import Calendar
from portal.shell.demo.appeals import today
from portal.shell.demo.appeals.book import Book, Moment, NotYet
from portal.shell.demo.appeals.county import County, Firm
from portal.shell.demo.appeals.hours import Hours
from portal.shell.demo.appeals.living import go_on, tell_rating
from portal.shell.demo.appeals.teller import WATCHED, Teller, Year, choose
from portal.shell.demo.appeals.texts import Template, fresh, kinship, templates
from portal.shell.demo.showcase import HUBS, LESSONS

PHRASES: Final = Path(__file__).parent / "phrases.yaml"
DAYS: Final = 365
BUSY: Final = (0.85, 0.7, 1.25, 1.15, 1.1, 1.0, 0.85, 0.85, 1.05, 1.0, 1.2, 1.1)
"""How much each month brings: little around the spring festival, much in spring and before the year ends."""
DAY_OFF: Final = 0.1
"""What a day off brings of a working day's appeals."""
EASY: Final = 0.1
"""What the last days bring of the usual: most of what they brought is told by `today`."""
EASY_DAYS: Final = 8
COMMON: Final = {"market_pool": 2.2, "economy": 1.4, "hr": 1.3, "tax": 1.2, "power": 1.2}
"""Destinations that enterprises have more to do with than with the others."""
SHARED: Final = ("power", "telecom", "water_gas", "transport", "city")
"""Categories whose troubles several enterprises of a place have at once."""

Story = Callable[[Teller], None]
Entry = tuple[Teller, Story]


def write_year(county: County, now: Moment, *, seed: int, count: int) -> Book:
    """The book of the year before `now`, with about `count` appeals."""
    spans = {target.key: target.span for target in ClockTarget.objects.all()}
    book = Book(now, spans, Calendar.load())
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    year = Year(book, county, Hours(book.calendar), phrases)
    planner = Planner(year, seed)
    entries = [*planner.usual(count), *planner.of_today(count), *planner.of_showpieces(), *planner.picked()]
    if count:
        entries += planner.shared(max(1, count // 500))
        entries += planner.twice(entries, max(1, count // 60))
    for teller, _story in sorted(entries, key=lambda entry: entry[0].at):
        teller.file()
    for teller, story in entries:
        try:
            story(teller)
        except NotYet:
            continue
    book.mark()
    return book


class Planner:
    """Who files what when; `dice` are the whole year's."""

    def __init__(self, year: Year, seed: int) -> None:
        self.year, self.seed = year, seed
        self.dice = random.Random(seed)  # noqa: S311 - a reproducible year
        self.made = 0
        self.used: set[Template] = set()

    def usual(self, count: int) -> Iterator[Entry]:
        """What comes day by day."""
        known = [each for each in templates() if each not in fresh()]
        weights = [COMMON.get(each.department, 1.0) for each in known]
        for at in sorted(self._moments(count)):
            template = self.dice.choices(known, weights)[0]
            if teller := self._teller(template, at, free=True):
                yield teller, go_on

    def of_today(self, count: int) -> Iterator[Entry]:
        """What lies on the desks now; of a small county, a part of it."""
        for script in today.SCRIPTS:
            begun = [self._ago(minutes) for minutes in script.ago]
            begun += [self._due_in(days, script.complexity) for days in script.due_in]
            for at in begun[: max(1, count // 100)]:
                able = [each for each in templates() if self._fits(each, script)]
                template = self._new(able)
                if teller := self._teller(template, at, source=script.source, urgent=script.urgent):
                    if not script.watched:
                        teller.about = None
                    yield teller, script.play

    def of_showpieces(self) -> Iterator[Entry]:
        """A handful each for the two firms that the demo's people act for."""
        for uscc, stories in ((HUBS, today.HUB), (LESSONS, today.LESSON)):
            firm = self.year.county.firm(uscc)
            if firm is None:
                continue
            able = [each for each in templates() if self._plain(each) and self._may(firm, each)]
            for place, story in enumerate(stories):
                at = self._ago(45 + 260 * place)
                yield self._of(firm, self._new(able), at), story
            for days in (40, 95, 170, 260):
                at = self._ago(days * 270)
                yield self._of(firm, self.dice.choice(able), at), go_on

    def picked(self) -> Iterator[Entry]:
        """Services of the providers that the demo's people act for, picked lately."""
        offered = [item for items in self.year.county.services.values() for item in items]
        for username, stories in today.MALL.items():
            user = self.year.county.people[username]
            mine = [item for item in offered if self.year.county.members[item.provider_id] == user]
            for place, story in enumerate(stories[: len(mine)]):
                service = self.dice.choice(mine)
                able = [
                    each for each in templates() if each.category == service.category.key and each.handled
                ]
                template = max(able, key=lambda each: kinship(each, service.name))
                if teller := self._teller(template, self._ago(40 + 230 * place)):
                    teller.service = service
                    yield teller, story

    def shared(self, groups: int) -> Iterator[Entry]:
        """Several enterprises of a town have the same trouble: one leads, all are told."""
        for number in range(groups):
            able = [each for each in templates() if each.category in SHARED and self._plain(each)]
            able = [each for each in able if each not in fresh()]
            template = self.dice.choice(able)
            firms = self._neighbours(template)[: self.dice.randint(3, 5)]
            if len(firms) < 2:
                continue
            begun = self._ago(150) if number == 0 else self._ago(self.dice.uniform(4_000, 80_000))
            group = [
                self._of(firm, template, begun - dt.timedelta(minutes=37 * place))
                for place, firm in enumerate(firms)
            ]
            lead, *others = reversed(group)
            for teller in others:
                yield teller, _follow
            yield lead, _led(others, stop=number == 0)

    def twice(self, entries: Iterable[Entry], count: int) -> Iterator[Entry]:
        """Enterprises that file the same once more, and the desk merges it into the first."""
        plain = [teller for teller, story in entries if story is go_on and self._plain(teller.template)]
        for first in self.dice.sample(plain, min(count, len(plain))):
            at = first.at + dt.timedelta(minutes=self.dice.uniform(8, 45))
            if at < self.year.book.now:
                again = self._of(first.firm, first.template, at)
                yield again, _merged_into(first)

    def _moments(self, count: int) -> Iterator[Moment]:
        now = self.year.book.now
        days = [timezone.localdate(now) - dt.timedelta(days=number) for number in range(DAYS)]
        weights = [
            BUSY[day.month - 1]
            * (1.0 if self.year.book.calendar.is_workday(day) else DAY_OFF)
            * (1.25 - 0.5 * number / DAYS)
            * (EASY if number < EASY_DAYS else 1.0)
            for number, day in enumerate(days)
        ]
        for day in self.dice.choices(days, weights, k=count):
            hour = self.dice.choices(range(7, 22), (1, 4, 9, 10, 8, 4, 5, 9, 10, 8, 5, 3, 2, 2, 1))[0]
            at = self.year.hours.at(day, hour, self.dice.randint(0, 59))
            at += dt.timedelta(seconds=self.dice.randint(0, 59))
            if at < now - dt.timedelta(minutes=5):
                yield at

    def _teller(self, template: Template, at: Moment, **more: Any) -> Teller | None:
        firm = choose(self.dice, self.year.county.firms, template)
        return self._of(firm, template, at, **more) if firm else None

    def _of(self, firm: Firm, template: Template, at: Moment, **more: Any) -> Teller:
        self.made += 1
        dice = random.Random(f"{self.seed}:{self.made}")  # noqa: S311
        return Teller(self.year, dice, firm, template, at, **more)

    def _ago(self, minutes: float) -> Moment:
        return self.year.hours.before(self.year.book.now, minutes) - dt.timedelta(seconds=7 * self.made % 50)

    def _due_in(self, days: int, complexity: str) -> Moment:
        """When an appeal was filed and given out whose work is due that many working days from today."""
        calendar, now = self.year.book.calendar, self.year.book.now
        due = calendar.workday_from(timezone.localdate(now))
        span = self.year.book.spans[complexity].number
        day = calendar.add_workdays(due, days - span)
        return min(self.year.hours.at(day, 9, 5 + self.made % 40), self._ago(200))

    def _fits(self, template: Template, script: today.Script) -> bool:
        category = self.year.county.categories[template.category]
        watched = (template.department, template.section) in WATCHED
        return (
            template.handled
            and template.mode == script.mode
            and watched == script.watched
            and script.complexity in ("", category.complexity)
            and script.category in ("", category.key)
            and script.department in ("", template.department)
        )

    def _new(self, able: list[Template]) -> Template:
        """One that nobody has asked before, each once as long as there are any."""
        new = [each for each in able if each in fresh()]
        template = self.dice.choice([each for each in new if each not in self.used] or new or able)
        self.used.add(template)
        return template

    def _neighbours(self, template: Template) -> list[Firm]:
        """Firms of the town in which most may say it."""
        able = [each for each in self.year.county.firms if self._may(each, template) and not each.shown]
        towns = Counter(each.town for each in able)
        return [each for each in able if each.town == max(towns, key=towns.__getitem__)]

    def _plain(self, template: Template) -> bool:
        watched = (template.department, template.section) in WATCHED
        return template.handled and template.mode == Mode.DISPATCH and not watched

    def _may(self, firm: Firm, template: Template) -> bool:
        return bool(firm.audiences.intersection(template.audiences))


def _follow(teller: Teller) -> None:
    """What becomes of it is told by the one that leads; afterwards each says for itself."""


def _led(others: list[Teller], *, stop: bool) -> Story:
    def play(teller: Teller) -> None:
        desk = teller.year.dispatcher
        teller.at = max(each.at for each in (teller, *others))
        title = f"{teller.firm.town}：{teller.template.title}"[:100]
        teller.case.share(teller.later(30, most=60), [each.case for each in others], title, desk)
        teller.case.dispatch(teller.later(10, most=20), teller.target(), desk)
        teller.case.accept(teller.later(40, most=100), teller.worker())
        if stop:
            return
        teller.sooner_or_late(teller.case.lead.due(teller.case.lead.span), 0.1)
        teller.case.answer(teller.at, "solved", teller.template.answer, teller.worker())
        for each in (teller, *others):
            each.at = teller.at
            tell_rating(each)

    return play


def _merged_into(first: Teller) -> Story:
    def play(teller: Teller) -> None:
        lead = first.case.lead
        teller.at = teller.year.hours.after(teller.at, 15)
        over = lead.now("answered_at") or teller.year.book.now
        if first.case.paper.accepted and len(first.case.paper.sheets) == 1 and teller.at < over:
            teller.case.merge(teller.at, first.case, teller.year.dispatcher)
        else:
            go_on(teller)

    return play
