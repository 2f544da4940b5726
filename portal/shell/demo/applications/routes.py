"""How far an application has come and when each step was, drawn backwards from the present."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

from policies.enums import ApplicationState as S
from portal.shell.demo.appeals.hours import A_DAY, Hours

SHARES: Final = (
    (S.DRAFT, 60),
    (S.SUBMITTED, 60),
    (S.RETURNED, 45),
    (S.REVIEWING, 85),
    (S.JOINT, 25),
    (S.PROPOSED, 30),
    (S.NOTICED, 35),
    (S.APPROVED, 95),
    (S.REFUSED, 35),
    (S.WITHDRAWN, 30),
)
"""How many of five hundred are in which state."""
GAPS: Final = {
    "half": (0.02, 0.5),
    "send": (0.05, 1.2),
    "accept": (0.1, 1.5),
    "give_back": (0.3, 1.5),
    "amend": (0.4, 3.0),
    "consult": (0.2, 0.8),
    "hear": (1.0, 1.6),
    "propose": (0.4, 4.0),
    "rework": (0.2, 0.6),
    "notice": (0.1, 0.8),
    "object": (0.5, 1.0),
    "settle": (0.5, 0.8),
    "approve": (0.1, 0.8),
    "refuse": (0.1, 0.8),
    "rate": (0.1, 3.0),
    "withdraw": (0.2, 2.0),
}
"""Working days from the step before: at least, and on average beyond that."""
OVER: Final = 6.1
"""Working days after which a notice is over for certain."""
RIPE: Final = 4
"""Applications of the demo's own department whose notice is over without an objection: to be approved now."""
PATIENCE: Final = {
    S.DRAFT: 12,
    S.SUBMITTED: 5,
    S.RETURNED: 10,
    S.REVIEWING: 20,
    S.JOINT: 5,
    S.PROPOSED: 3,
    S.NOTICED: 6,
}
"""Working days that a state may last: see `step_targets.yaml`."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody does at a moment."""

    name: str
    at: dt.datetime


def route(target: str, dice: random.Random) -> list[str]:
    """The names of the steps that lead to a state, some with a detour."""
    if target == S.DRAFT:
        return ["start", "half"]
    sent = ["start", "send"]
    if target == S.SUBMITTED:
        return sent + ["give_back", "amend"] * (dice.random() < 0.15)
    if target == S.WITHDRAWN:
        return [*sent, *["accept"] * (dice.random() < 0.5), "withdraw"]
    if target == S.RETURNED:
        return [*sent, *["accept"] * (dice.random() < 0.5), "give_back"]
    reviewed = _reviewed(sent, dice)
    if target == S.REVIEWING:
        return reviewed
    if target == S.JOINT:
        return [*reviewed, "consult"]
    heard = reviewed + ["consult", "hear"] * (dice.random() < 0.2)
    proposed = [*heard, "propose", *["rework", "propose"] * (dice.random() < 0.06)]
    if target == S.PROPOSED:
        return proposed
    if target == S.REFUSED:
        return [*proposed, "refuse", *["rate"] * (dice.random() < 0.35)]
    noticed = [*proposed, "notice", *["object"] * (dice.random() < 0.08)]
    if target == S.NOTICED:
        return noticed
    settled = ["settle"] * (noticed[-1] == "object")
    return [*noticed, *settled, "approve", *["rate"] * (dice.random() < 0.6)]


def _reviewed(sent: list[str], dice: random.Random) -> list[str]:
    detour, chance = ["give_back", "amend"], dice.random()
    if chance < 0.14:
        return [*sent, *detour, "accept"]
    return [*sent, "accept", *([*detour, "accept"] * (chance < 0.3))]


@dataclass(frozen=True, slots=True)
class Timeline:
    """When steps were, counted back from the present in the hours of offices."""

    hours: Hours
    now: dt.datetime
    dice: random.Random

    def steps(self, names: list[str], target: str, most: float, *, ripe: bool = False) -> list[Step]:
        """The steps with their moments, the first hardly more than `most` working days before the present.

        What still waits has waited from not at all to somewhat too long; `ripe`: as long as a notice lasts.
        """
        gaps = [self._gap(name, names) for name in names[1:]]
        left = max(most - sum(gaps), 0.1)
        waited = OVER + self.dice.uniform(0, 1.5) if ripe else self._waited(target, left)
        at = self.hours.before(self.now, waited * A_DAY)
        steps = [Step(names[-1], at)]
        for name, gap in zip(reversed(names[:-1]), reversed(gaps), strict=True):
            at = self.hours.before(at, gap * A_DAY)
            steps.append(Step(name, at))
        return steps[::-1]

    def _gap(self, name: str, names: list[str]) -> float:
        least, mean = GAPS[name]
        if name == "approve" and "notice" in names:
            least = OVER
        return least + min(self.dice.expovariate(1 / mean), 3 * mean)

    def _waited(self, target: str, left: float) -> float:
        """Working days since the last step."""
        patience = PATIENCE.get(S(target))
        if patience is None:
            return self.dice.uniform(min(0.2, left), left)
        if self.dice.random() < 0.15:
            return min(patience - 0.1, left)  # due today, or with the next working day
        return min(patience * self.dice.triangular(0.02, 1.3, 0.3), left)
