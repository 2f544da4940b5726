"""One application as the review desk knows it: what was sent, what is checked, who may do what with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from policies.applying.grounds import grounds_of, titled
from policies.applying.questions import key_of
from policies.enums import Benefit
from policies.models import (
    Amendment,
    Application,
    ApplicationFile,
    Evidence,
    Opinion,
    OpinionTemplate,
    PublicNotice,
)
from policies.reviewers import belongs_to
from policies.reviewing.alike import Case as Alike
from policies.reviewing.alike import similar
from policies.reviewing.checking import Check, check
from policies.reviewing.deciding import wants_countersign
from policies.reviewing.desk.acting import applications_at
from policies.reviewing.desk.amended import Answered, answered, files_of, values_of
from policies.reviewing.desk.timeline import Line, newest, timeline
from portal.accounts.desks import Desk

RELATED: Final = (
    "enterprise__region",
    "item__department",
    "version__rule_version",
    "reviewer",
    "proposed_by",
    "countersigned_by",
    "decided_by",
)
CLAUSE: Final = re.compile(
    r"第.+[章节条款项点]|[（(][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十\d]+[、.]"
)
"""What can be a clause of a document; other words at a condition only say whom it is about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it was sent; `before`: what the sending before said instead, empty when the same."""

    key: str
    label: str
    period: int | None
    value: str
    of_claim: bool
    before: str = ""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent; `row` None when the row is gone, `is_new` when the sending before had it not."""

    name: str
    digest: str
    row: ApplicationFile | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SentMaterial:
    """A material as it was sent: files, or why there is none."""

    name: str
    wanted: bool
    note: str
    files: tuple[SentFile, ...]


@dataclass(frozen=True)
class Case:
    """An application at a desk. Everything is read once, when it is asked for."""

    desk: Desk
    application: Application

    @classmethod
    def of(cls, desk: Desk, number: str) -> Case:
        """The application with that number, when the desk has to do with it; else ``Http404``."""
        rows = applications_at(desk).select_related(*RELATED)
        return cls(desk, get_object_or_404(rows, number=number))

    @property
    def leads(self) -> bool:
        """Whether the department itself decides; else it was asked for its opinion."""
        return self.application.item.department_id == self.desk.department.pk

    @cached_property
    def recused(self) -> bool:
        """Whether the user belongs to the firm that applies, and so has no part in it (回避)."""
        return belongs_to(self.desk.user, self.application)

    @property
    def reads_inner(self) -> bool:
        """Whether proposals, opinions of others, notes and objections are theirs to read.

        Never a member's of the firm that applies: who objects is promised that it is not told.
        """
        return self.leads and not self.recused

    @cached_property
    def last_event(self) -> int:
        """The newest event, reminders aside: what is decided on a page that does not know it is not done."""
        event = newest(self.application)
        return event.pk if event is not None else 0

    @cached_property
    def sendings(self) -> list[Evidence]:
        """The evidence of each sending, the newest first."""
        rows = self.application.evidence.select_related("rule_version", "by").order_by("-number")
        found = list(rows)
        for row in found:
            row.application = self.application
        return found

    @property
    def evidence(self) -> Evidence:
        """Of the last sending."""
        return self.sendings[0]

    @property
    def before(self) -> Evidence | None:
        """Of the sending before the last one; None of the first."""
        return self.sendings[1] if len(self.sendings) > 1 else None

    @cached_property
    def answered(self) -> list[Answered]:
        """Lists of amendments that the enterprise answered, the newest first."""
        return answered(self._lists, self.sendings)

    @property
    def contact(self) -> list[str]:
        """Name and telephone number as they were sent last, whatever is being amended."""
        found: list[str] = self.evidence.content["contact"]
        return found

    @cached_property
    def answers(self) -> list[Answer]:
        """As they were sent last."""
        before = values_of(self.before.content) if self.before else {}
        found = []
        for one in self.evidence.content["answers"]:
            key, value = key_of(one["fact"], one["period"]), one["value"]
            was = before.get(key, ("", value))[1]
            other = "" if was == value else was
            found.append(Answer(key, one["label"], one["period"], value, one["of_claim"], other))
        return found

    @cached_property
    def materials(self) -> list[SentMaterial]:
        """As they were sent last; what is being amended is not seen before it is sent."""
        rows = {row.pk: row for row in self.application.files.all()}
        found = []
        for one in self.evidence.content["materials"]:
            old = files_of(self.before.content, one["name"]) if self.before else None
            files = tuple(
                SentFile(
                    file["name"],
                    file["digest"],
                    rows.get(file["id"]),
                    old is not None and file["digest"] not in old,
                )
                for file in one["files"]
            )
            found.append(SentMaterial(one["name"], one["wanted"], one["note"], files))
        return found

    @property
    def materials_wanted(self) -> list[str]:
        """Names of what the enterprise can be asked to bring again."""
        return [one["name"] for one in self.application.version.materials]

    @property
    def gives_money(self) -> bool:
        """Whether an approval has an amount."""
        return self.application.version.benefit == Benefit.MONEY

    @cached_property
    def wants_countersign(self) -> bool:
        """Whether a leader is to sign first what no rule bounds."""
        return wants_countersign(self.application)

    @cached_property
    def check(self) -> Check:
        """The automatic check, as of today."""
        return check(self.evidence, timezone.localdate())

    @cached_property
    def alike(self) -> list[Alike]:
        """Similar cases."""
        return similar(self.application, timezone.localdate())

    @cached_property
    def clauses(self) -> list[str]:
        """What a decision can refer to: the version's sources, and the clauses of its conditions."""
        version = self.application.version
        named = [f"{titled(one.document)}{one.clause}" for one in version.sources.select_related("document")]
        leaves = [one["clause"] for one in self.evidence.content["conditions"]]
        real = [grounds_of(version, one) for one in dict.fromkeys(leaves) if CLAUSE.search(one)]
        return list(dict.fromkeys([*named, *real]))

    @cached_property
    def grounds(self) -> str:
        """The proposal's clause with its document; empty where none was written."""
        clause = self.application.clause
        return grounds_of(self.application.version, clause) if clause else ""

    @cached_property
    def opinions(self) -> list[Opinion]:
        """Of every department that was asked, where inner things are read; else this department's own."""
        rows = self.application.opinions.select_related("department", "asked_by", "given_by")
        rows = rows.prefetch_related("clocks")
        return list(rows if self.reads_inner else rows.filter(department=self.desk.department))

    @property
    def asked(self) -> Opinion | None:
        """The opinion that is waited for from this department."""
        return next((one for one in self.opinions if self._is_ours(one)), None)

    @property
    def amendments(self) -> int:
        """How many lists of what is to be amended there were."""
        return len(self._lists)

    @cached_property
    def _lists(self) -> list[Amendment]:
        return list(self.application.amendments.prefetch_related("points"))

    @cached_property
    def notice(self) -> PublicNotice | None:
        """The notice that is open, with its objections; None for who may not read them."""
        if not self.reads_inner:
            return None
        return self.application.public_notices.filter(ended_at=None).prefetch_related("objections").first()

    @cached_property
    def lines(self) -> list[Line]:
        """What happened."""
        return timeline(self.application, everything=self.reads_inner)

    @cached_property
    def others(self) -> QuerySet[Application]:
        """What else the enterprise has applied for at this department, the newest first."""
        rows: QuerySet[Application] = applications_at(self.desk).filter(
            enterprise=self.application.enterprise_id
        )
        return rows.exclude(pk=self.application.pk).select_related("version").order_by("-pk")[:5]

    def templates(self, *uses: str) -> QuerySet[OpinionTemplate]:
        """Words that the department (or everybody) writes often."""
        whose = Q(department=None) | Q(department=self.desk.department)
        return OpinionTemplate.objects.filter(whose, use__in=uses, active=True)

    def may(self, *roles: str) -> bool:
        """Whether the user holds one of the roles here: own, or in the place of who is away."""
        return self.desk.holds(*roles)

    def _is_ours(self, opinion: Opinion) -> bool:
        return opinion.is_awaited and opinion.department_id == self.desk.department.pk
