"""What an enterprise did about each point of a list of amendments, as its next sending froze it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.applying.questions import key_of
from policies.enums import Wanted
from policies.models import Amendment, AmendmentPoint, Evidence


@dataclass(frozen=True, slots=True)
class Mended:
    """A point with its answer; `label` is the material or question, empty for other things.

    `before` and `after` are the answers that were sent, `brought` and `gone` names of files.
    """

    point: AmendmentPoint
    label: str
    before: str = ""
    after: str = ""
    brought: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be seen of an answer."""
        return not (self.point.reply or self.brought or self.gone or self.before != self.after)


@dataclass(frozen=True, slots=True)
class Answered:
    """A list of amendments that was answered, with its points."""

    amendment: Amendment
    points: tuple[Mended, ...]


def answered(amendments: Sequence[Amendment], sendings: Sequence[Evidence]) -> list[Answered]:
    """The answered ones, the newest first. A list is answered by the sending of the same moment."""
    by_moment = {row.at: row for row in sendings}
    by_number = {row.number: row for row in sendings}
    found = []
    for amendment in amendments:
        sending = by_moment.get(amendment.answered_at) if amendment.answered_at else None
        if sending is not None:
            before = by_number.get(sending.number - 1, sending).content
            points = tuple(_mended(one, before, sending.content) for one in amendment.points.all())
            found.append(Answered(amendment, points))
    return sorted(found, key=lambda one: -one.amendment.number)


def files_of(content: Mapping[str, Any], material: str | None = None) -> dict[str, str]:
    """Names of the files that were sent (of one material), by digest."""
    return {
        file["digest"]: file["name"]
        for one in content["materials"]
        for file in one["files"]
        if material in (None, one["name"])
    }


def brought_for(content: Mapping[str, Any], point: AmendmentPoint) -> dict[str, str]:
    """Names of the files that were sent for a point, at it or as the material it wants, by digest."""
    return {
        file["digest"]: file["name"]
        for one in content["materials"]
        for file in one["files"]
        if file.get("point", point.pk if one["name"] == point.material else None) == point.pk
    }


def values_of(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Label and value of each answer that was sent, by question."""
    return {key_of(one["fact"], one["period"]): (one["label"], one["value"]) for one in content["answers"]}


def _mended(point: AmendmentPoint, before: Mapping[str, Any], after: Mapping[str, Any]) -> Mended:
    known = brought_for(before, point)
    sent = brought_for(after, point).items()
    brought = tuple(name for digest, name in sent if digest not in known)
    if point.wanted == Wanted.ANSWER:
        was = values_of(before).get(point.target, ("", ""))
        now = values_of(after).get(point.target, ("", ""))
        return Mended(point, now[0] or was[0], was[1], now[1], brought)
    if point.wanted == Wanted.MATERIAL:
        old, new = files_of(before, point.target), files_of(after, point.target)
        gone = tuple(name for digest, name in old.items() if digest not in new)
        return Mended(point, point.target, brought=brought, gone=gone)
    return Mended(point, "", brought=brought)
