"""One application along its route, every step by the service that takes it, at its own moment."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from enterprises.actors import Actor
from matching.plain.evaluate import Verdict
from policies.applying import drafts, files, sending
from policies.applying.grounds import grounds_of
from policies.applying.questions import unanswered
from policies.applying.rating import rate
from policies.applying.sheet import Sheet, materials_of
from policies.enums import ApplicationState, Benefit, Outcome, Wanted
from policies.models import (
    Application,
    Evidence,
    ItemVersion,
    PublicNotice,
)
from policies.notices.objecting import Words, object_to
from policies.reviewing import deciding, intake, objections, opinions
from policies.reviewing.deciding import Proposal
from policies.reviewing.intake import Point
from portal.accounts.models import Department, User
from portal.kernel.errors import DomainError
from portal.notifications.services import hushed
from portal.shell.demo.applications.claimants import Answers
from portal.shell.demo.applications.offices import ASKED, Office
from portal.shell.demo.applications.papers import document, photograph
from portal.shell.demo.applications.routes import Step

TOLD: Final = dt.timedelta(days=3)
"""Messages are sent of what happened so lately; of what is older nobody is told anew."""
WAN: Final = 1_000_000


@dataclass(frozen=True)
class County:
    """What all walks share."""

    offices: dict[str, Office]
    words: dict[str, list[Any]]
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        return timezone.localdate(self.now)


@dataclass
class Walk:
    """One application: who claims what, how far it comes, and the dice that decide the rest."""

    county: County
    actor: Actor
    version: ItemVersion
    target: str
    steps: Sequence[Step]
    dice: random.Random
    phone: str
    application: Application = field(init=False)
    reviewer: User = field(init=False)

    def __post_init__(self) -> None:
        self.office = self.county.offices[self.version.item.department.code]
        self.reviewer = self.dice.choice(self.office.reviewers)
        self.answers = Answers(
            self.version, self.actor.enterprise.pk, self.steps[0].at, self.county.today, self.dice
        )

    def go(self) -> Application:
        """All steps in their order; what cannot be sent stays the draft it is."""
        for step in self.steps:
            quiet = step.at < self.county.now - TOLD
            with hushed() if quiet else nullcontext():
                if not self._goes_on(step):
                    break
        return self.application

    def _goes_on(self, step: Step) -> bool:
        """Take a step; whether there is a next one."""
        try:
            getattr(self, step.name)(step.at)
        except DomainError:
            if step.name != "send":
                raise
            return False
        return self.application.state != ApplicationState.WITHDRAWN

    def say(self, kind: str) -> Any:
        """One of the sentences of a kind."""
        return self.dice.choice(self.county.words[kind])

    # The enterprise

    def start(self, at: dt.datetime) -> None:
        """A draft that knows nothing yet."""
        self.application = drafts.start(self.actor, self.version, at=at)

    def half(self, at: dt.datetime) -> None:
        """Some answers, one material: the rest is for tomorrow."""
        said = list(self.answers.of_claim(enlarged=True).items())
        self._save(at, answers=dict(said[: max(1, len(said) // 2)]))
        for material in [each for each in materials_of(self.application) if each.wanted][:1]:
            self._bring(material.name, at)

    def send(self, at: dt.datetime) -> None:
        """Answer all that is asked, bring all that is wanted, send; with a reason what is known to fail."""
        self._save(
            at, answers=self.answers.of_claim(enlarged=self.dice.random() < 0.4), contact_phone=self.phone
        )
        for material in materials_of(self.application):
            if material.wanted:
                self._bring(material.name, at)
        try:
            sending.send(self.application, self.actor, at=at)
        except DomainError:  # more is asked for, or what was enlarged is too large
            self._answer(at)
            sending.send(self.application, self.actor, at=at, insisting=self.say("insist"))

    def amend(self, at: dt.datetime) -> None:
        """Reply to every point of the list, and send again."""
        amendment = self.application.amendments.get(answered_at=None)
        replies = {}
        for point in amendment.points.all():
            if point.wanted == Wanted.MATERIAL:
                self._bring(point.target, at, "补正件")
            else:
                replies[point.pk] = self.say("reply")
        if replies:
            self._save(at, replies=replies)
        sending.send(self.application, self.actor, at=at, insisting=self.say("insist"))

    def withdraw(self, at: dt.datetime) -> None:
        """Take it back."""
        sending.withdraw(self.application, self.say("withdraw"), actor=self.actor, at=at)

    def rate(self, at: dt.datetime) -> None:
        """Say how it was."""
        pleased = self.target == "approved"
        stars = self.dice.choice((5, 5, 5, 4, 4, 3)) if pleased else self.dice.choice((1, 2, 3, 3, 4))
        comment = self.say("praise" if stars > 3 else "blame") if self.dice.random() < 0.6 else ""
        rate(self.application, stars, comment, by=self.actor.user, at=at)

    # The department

    def accept(self, at: dt.datetime) -> None:
        """Somebody of the department takes it on."""
        intake.accept(self.application, by=self.reviewer, at=at)

    def give_back(self, at: dt.datetime) -> None:
        """One list of what is missing."""
        intake.give_back(self.application, self._points(), by=self.reviewer, at=at)

    def consult(self, at: dt.datetime) -> None:
        """Ask the item's other departments; of several one may have answered by now."""
        named = [each.code for each in self.version.item.co_departments.all()] or list(ASKED)
        asked: dict[Department, str] = {
            self.county.offices[code].department: self.say("consult")
            for code in named
            if code != self.office.department.code
        }
        found = opinions.consult(self.application, asked, by=self.reviewer, at=at)
        if self.target == "joint" and len(found) > 1 and self.dice.random() < 0.6:
            self._give(found[0], min(at + dt.timedelta(hours=5), self.county.now))

    def hear(self, at: dt.datetime) -> None:
        """Every department says what it thinks."""
        for opinion in self.application.opinions.awaited().select_related("department"):
            self._give(opinion, at)
        self.application.refresh_from_db()

    def propose(self, at: dt.datetime) -> None:
        """What the reviewer proposes: the amount as it was judged, or clause and reason of a refusal.

        Who would get nothing takes it back instead.
        """
        refused = self.target == "refused" or (self.target == "proposed" and self.dice.random() < 0.2)
        amount = None if refused else self._amount()
        if refused:
            proposal = Proposal(Outcome.REFUSE, clause=self._clause(), reason=self.say("refuse"))
        elif amount == 0:
            self.withdraw(at)
            return
        else:
            proposal = Proposal(Outcome.APPROVE, amount, clause=self._clause(), reason=self._why())
        deciding.propose(self.application, proposal, by=self.reviewer, at=at)

    def rework(self, at: dt.datetime) -> None:
        """The leader is not content yet."""
        deciding.rework(self.application, self.say("rework"), by=self.office.leader, at=at)

    def notice(self, at: dt.datetime) -> None:
        """Onto the public page; an amount that no rule bounds the leader signs first."""
        if deciding.wants_countersign(self.application):
            words = self.say("countersign")
            deciding.countersign(self.application, words, by=self.office.leader, at=at)
        deciding.post_notice(self.application, by=self.office.leader, at=at)

    def object(self, at: dt.datetime) -> None:
        """Somebody objects to the notice."""
        name, phone, text = self.say("notice_objection")
        object_to(self._notice, Words(name, phone, text), at=at)

    def settle(self, at: dt.datetime) -> None:
        """The objection is looked into and answered."""
        for objection in self._notice.objections.filter(answer=""):
            objections.answer(objection, self.say("notice_answer"), by=self.reviewer, at=at)

    def approve(self, at: dt.datetime) -> None:
        """Decided as proposed, by another person."""
        deciding.approve(self.application, by=self.office.leader, at=at)

    def refuse(self, at: dt.datetime) -> None:
        """Decided as proposed, by another person."""
        deciding.refuse(self.application, by=self.office.leader, at=at)

    # Small things

    @property
    def _notice(self) -> PublicNotice:
        return self.application.public_notices.get(ended_at=None)

    def _save(self, at: dt.datetime, **said: Any) -> None:
        revision = self.application.revision
        saving = drafts.Saving(**said)
        self.application.revision = drafts.save(
            self.application, saving, revision=revision, by=self.actor.user, at=at
        )

    def _answer(self, at: dt.datetime) -> None:
        """Answer until nothing more is asked."""
        self._save(at, answers=self.answers.of_claim(enlarged=False))
        for _round in range(4):
            self.application.refresh_from_db()
            sheet = Sheet.of(self.application, timezone.localdate(at))
            asked = {each.key: self.answers.of(each.key) for each in unanswered(sheet.questions)}
            if not asked:
                return
            self._save(at, answers=asked)

    def _bring(self, name: str, at: dt.datetime, mark: str = "") -> None:
        firm = self.actor.enterprise.name
        paper: SimpleUploadedFile
        if self.dice.random() < 0.25 and not mark:
            paper = photograph(name, self.dice)
        else:
            lines = [
                firm,
                f"{self.version.title}  {mark}",
                f"{timezone.localdate(at):%Y-%m-%d}",
                "演示材料，内容虚构",
            ]
            paper = document(name, lines)
        files.attach(self.application, name, paper, by=self.actor.user, at=at)

    def _points(self) -> list[Point]:
        points = []
        wanted = [each.name for each in materials_of(self.application) if each.wanted]
        for name in self.dice.sample(wanted, min(len(wanted), self.dice.choice((1, 1, 2)))):
            what, why = self.say("material")
            points.append(Point(Wanted.MATERIAL, name, what, why))
        said = self._evidence.content["answers"]
        if said and self.dice.random() < 0.5:
            one = self.dice.choice(said)
            key = one["fact"] if one["period"] is None else f"{one['fact']}@{one['period']}"
            points.append(Point(Wanted.ANSWER, key, f"请核对“{one['label']}”", self.say("answer")))
        if not points or self.dice.random() < 0.2:
            what, why = self.say("other")
            points.append(Point(Wanted.OTHER, "", what, why))
        return points

    def _give(self, opinion: Any, at: dt.datetime) -> None:
        objects = self.target == "refused" or (self.target == "joint" and self.dice.random() < 0.3)
        stance = "object" if objects else "agree"
        by = self.dice.choice(self.county.offices[opinion.department.code].reviewers)
        opinions.give(opinion, stance, self.say(stance), by=by, at=at)

    @property
    def _evidence(self) -> Evidence:
        return self.application.evidence.latest("number")

    def _amount(self) -> int | None:
        """The most that was judged, in fen; where the rule leaves it open, what a department would give.

        None where the item gives no money.
        """
        if self.version.benefit != Benefit.MONEY:
            return None
        evidence = self._evidence
        if evidence.amount_high is not None:
            return evidence.amount_high
        given = evidence.amount_low or self.dice.choice((1, 2, 3, 5)) * WAN
        most = deciding.most_of(self.application, evidence)
        return given if most is None else min(max(given, -(-most // deciding.FAR_BELOW)), most)

    def _why(self) -> str:
        """Why it is approved although a condition failed when it was sent; nothing where none did."""
        return self.say("verified") if self._evidence.verdict == Verdict.INELIGIBLE else ""

    def _clause(self) -> str:
        found = [each.clause for each in self.version.sources.all() if each.clause]
        return grounds_of(self.version, found[0] if found else "")[:300] or "申报条件"
