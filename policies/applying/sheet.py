"""An application as its form shows it: what is known, what is asked, what it comes to, what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.knowledge import Knowledge
from enterprises.services import knowledge_of
from enterprises.values import format_value
from matching.claims import asks_received
from matching.explaining.explain import Explanation, explain
from matching.plain.evaluate import Verdict, judge
from matching.services import context_for, rule_tree
from policies.applying.questions import (
    Question,
    claims_in,
    declared_in,
    key_of,
    questions_of,
    read_answers,
    unanswered,
)
from policies.enums import Wanted
from policies.models import Amendment, AmendmentPoint, Application, ApplicationFile
from policies.money.received import received_by
from portal.accounts.identifiers import check_phone


@dataclass(frozen=True, slots=True)
class Material:
    """A material of the version, with what was brought. `wanted`: the enterprise brings it.

    `of_point`: none of the version's, but what was brought for a point that was to be amended.
    """

    name: str
    wanted: bool
    held_by_system: bool
    template: str
    files: tuple[ApplicationFile, ...]
    note: str
    of_point: bool = False

    @property
    def missing(self) -> bool:
        """Whether the enterprise is to bring it and has given neither a file nor a reason why not."""
        return self.wanted and not self.files and not self.note.strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps the application from being sent, and the id of the field that mends it."""

    field: str
    words: str


@dataclass(frozen=True)
class Sheet:
    """One application judged as it stands, with its answers laid over what is known of the enterprise."""

    application: Application
    knowledge: Knowledge
    explanation: Explanation
    questions: tuple[Question, ...]
    materials: tuple[Material, ...]
    amendment: Amendment | None
    points: tuple[AmendmentPoint, ...]

    @classmethod
    def of(cls, application: Application, day: dt.date, known_at: dt.datetime | None = None) -> Sheet:
        """The sheet on a day, with what was recorded by `known_at`: six queries, seven where it matters what
        the enterprise has received before."""
        known = knowledge_of(application.enterprise_id, as_of=day, known_at=known_at)
        values, errors = read_answers(application.answers, known.catalogue)
        knowledge = known.with_declared(declared_in(values, known.catalogue))
        knowledge = knowledge.with_claims(claims_in(values, known.catalogue))
        tree = rule_tree(application.version.rule_version, known.catalogue)
        received = None
        if asks_received(tree):
            received = received_by(application.enterprise_id, application.item, before=day)
        judged = judge(tree, knowledge, context_for(day, knowledge=knowledge, received=received))
        explanation = explain(judged, tree, known.catalogue)
        questions = questions_of(tree, explanation, application.answers, errors)
        amendment = application.amendments.filter(answered_at=None).prefetch_related("points").first()
        return cls(
            application,
            knowledge,
            explanation,
            tuple(questions),
            tuple(materials_of(application)),
            amendment,
            tuple(amendment.points.all()) if amendment else (),
        )

    @property
    def ineligible(self) -> bool:
        """Whether a condition is known to fail: it can be sent all the same, with a reason."""
        return self.explanation.verdict is Verdict.INELIGIBLE

    def words_of(self, question: Question) -> str:
        """An answer as people read it; one that could not be read as it was typed."""
        catalogue = self.knowledge.catalogue
        values, _errors = read_answers({question.key: question.text}, catalogue)
        if not values:
            return question.text
        spec = question.spec
        (value,) = values.values()
        return format_value(spec, value, lambda code: catalogue.code_label(spec.key, code))

    @property
    def problems(self) -> list[Problem]:
        """All that keeps it from being sent, in the order of the form."""
        return list(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for question in unanswered(self.questions):
            yield Problem(f"answer-{question.key}", _("请填写“%(label)s”。") % {"label": question.spec.label})
        for question in self.questions:
            if question.error:
                yield Problem(f"answer-{question.key}", question.error)
        for place, material in enumerate(self.materials):
            if material.missing:
                words = _("请上传“%(name)s”，没有的请写明原因。") % {"name": material.name}
                yield Problem(f"material-{place}", words)
        for place, point in enumerate(self.points, 1):
            if not self.is_mended(point):
                words = _("第 %(place)d 项还没有补正：%(what)s") % {"place": place, "what": point.what}
                yield Problem(f"point-{point.pk}", words)
        if not self.application.contact_name.strip():
            yield Problem("contact_name", _("请填写联系人。"))
        try:
            check_phone(self.application.contact_phone.strip())
        except ValidationError as error:
            yield Problem("contact_phone", error.messages[0])

    def is_mended(self, point: AmendmentPoint) -> bool:
        """Whether something was done about a point."""
        return bool(self.mending(point))

    def mending(self, point: AmendmentPoint) -> str:
        """What was done about a point, in words; empty while nothing was.

        A reply, a file brought since it was asked for, or an answer that is not the one that was sent.
        """
        if point.reply.strip():
            return point.reply
        if self.brought_for(point):
            return _("见新上传的文件")
        if point.wanted == Wanted.ANSWER and self._is_changed(point.target):
            return _("填报内容已修改")
        return ""

    def brought_for(self, point: AmendmentPoint) -> list[ApplicationFile]:
        """Files brought for a point since it was asked for."""
        if self.amendment is None:
            return []
        files = (file for one in self.materials for file in one.files if is_for(file, point))
        return [file for file in files if file.added_at > self.amendment.asked_at]

    def _is_changed(self, key: str) -> bool:
        now = next((question.text.strip() for question in self.questions if question.key == key), "")
        return bool(now) and now != self._sent.get(key, "")

    @cached_property
    def _sent(self) -> dict[str, str]:
        """Answers as they were sent last, by the keys of their questions; one query."""
        answers = self.application.evidence.latest("number").content["answers"]
        return {key_of(one["fact"], one["period"]): one["text"].strip() for one in answers}


def materials_of(application: Application) -> Iterator[Material]:
    """The materials of the application's version, and what was brought for points that were to be amended.

    With the files that were brought: one query, two where some are of no material of the version.
    """
    own = {given["name"] for given in application.version.materials}
    brought: dict[str, list[ApplicationFile]] = {}
    of_points: dict[tuple[str, int | None], list[ApplicationFile]] = {}
    for file in application.files.filter(removed_at=None).order_by("pk"):
        if file.material in own:
            brought.setdefault(file.material, []).append(file)
        else:
            of_points.setdefault((file.material, file.point_id), []).append(file)
    for given in application.version.materials:
        name = given["name"]
        yield Material(
            name,
            wanted=is_wanted(given),
            held_by_system=bool(given.get("from_facts")) or given["supplied_by"] == "system",
            template=given.get("template") or "",
            files=tuple(brought.get(name, ())),
            note=str(application.notes.get(name, "")),
        )
    if of_points:  # or of a version that a draft was moved from, and then of no use
        points = AmendmentPoint.objects.filter(amendment__application=application)
        asked = {point.material for point in points}
        for (name, point_id), files in sorted(of_points.items(), key=lambda one: one[0][1] or 0):
            if point_id is not None or name in asked:
                yield Material(name, False, False, "", tuple(files), "", of_point=True)


def is_for(file: ApplicationFile, point: AmendmentPoint) -> bool:
    """Whether a file was brought for a point: at it, or else as the material that it wants."""
    if file.point_id is not None:
        return file.point_id == point.pk
    return file.material == point.material


def is_wanted(material: dict[str, Any]) -> bool:
    """Whether the enterprise brings a material of a version."""
    return material["supplied_by"] == "enterprise" and not material.get("from_facts")
