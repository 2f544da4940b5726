"""What an enterprise can do for a better score. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from enterprises.catalogue import Catalogue
from enterprises.services.declare import can_declare
from finance.scoring.card import Bin
from finance.scoring.reckoning import Part, Reckoned, Standing


@dataclass(frozen=True, slots=True)
class Tip:
    """The next better bin that the enterprise can come into, and by how much the score would rise."""

    part: Part
    target: Bin
    gain: int
    """Hundredths of a point; of what is missing the score's rise against counting neither way."""
    most: int
    """What the best bin that it can come into would bring."""

    @property
    def text(self) -> str:
        """What to do."""
        return self.target.tip


def tips(reckoned: Reckoned) -> list[Tip]:
    """One a characteristic at most, the greatest gain first: only where a bin says how to come into it."""
    found = [tip for part in reckoned.parts if (tip := _tip(part)) is not None]
    return sorted(found, key=lambda tip: (-tip.gain, tip.part.characteristic.key))


def _tip(part: Part) -> Tip | None:
    if part.standing is not Standing.KNOWN:
        return None
    better = [one for one in part.characteristic.bins if one.tip and one.points > part.points]
    if not better:
        return None
    target = min(better, key=lambda one: one.points)
    most = max(one.points for one in better)
    return Tip(part, target, target.points - part.points, most - part.points)


@dataclass(frozen=True, slots=True)
class Gap:
    """A missing fact that leaves the score open, and who can close it."""

    part: Part
    keeper: str
    """Short name of the department that keeps it; empty where the enterprise itself does."""
    declarable: bool
    """Whether the enterprise may state it itself."""

    @property
    def spread(self) -> int:
        """By how much the score hangs on it."""
        return self.part.high - self.part.low


def gaps(reckoned: Reckoned, catalogue: Catalogue) -> list[Gap]:
    """What is missing, what the score hangs on most first."""
    found = []
    for part in reckoned.missing:
        spec = catalogue.get(part.characteristic.fact)
        stated = spec is not None and can_declare(spec)
        found.append(Gap(part, spec.department if spec is not None else "", stated))
    return sorted(found, key=lambda gap: (-gap.spread, gap.part.characteristic.key))
