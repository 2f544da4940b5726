"""Who asks for how much, from whom, and how far it comes: drawn, with a day for every step."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from finance.models import LoanMode, ProductVersion
from portal.kernel.money import WAN
from portal.shell.demo.appeals.hours import A_DAY, Hours

FIRMS: Final = 182
TOTAL_FEN: Final = 10_500 * WAN
"""The county's half-year: firms lent, and what they were lent."""
AGAIN: Final = 29
"""Of those firms, how many had borrowed before: 153 of 182, 84 %, had not."""
OTHERS: Final[dict[str, int]] = {
    "open": 12,
    "submitted": 9,
    "accepted": 7,
    "due_diligence": 11,
    "approved": 7,
    "signed": 6,
    "declined": 9,
    "lapsed": 6,
    "refused": 24,
    "expired": 4,
    "withdrawn": 9,
}
"""Applications beside those that were lent, by how far they came."""
ROUTES: Final[dict[str, tuple[str, ...]]] = {
    "open": (),
    "submitted": (),
    "lapsed": (),
    "accepted": ("accept",),
    "declined": ("decline",),
    "withdrawn": ("accept", "withdraw"),
    "due_diligence": ("accept", "look", "investigate"),
    "refused": ("accept", "look", "investigate", "refuse"),
    "approved": ("accept", "look", "investigate", "approve"),
    "expired": ("accept", "investigate", "approve"),
    "signed": ("accept", "look", "investigate", "approve", "sign"),
    "lent": ("accept", "look", "investigate", "approve", "sign", "draw"),
    "repaid": ("accept", "investigate", "approve", "sign", "draw", "repay"),
}
DAYS: Final = {
    "accept": (0.2, 1.6),
    "decline": (0.5, 1.8),
    "look": (0.1, 0.3),
    "investigate": (0.3, 2.5),
    "approve": (1.0, 6.0),
    "refuse": (1.5, 7.0),
    "withdraw": (1.0, 4.0),
    "sign": (1.0, 6.0),
    "draw": (0.5, 4.0),
    "repay": (110.0, 150.0),
    "interest": (9.0, 15.0),
}
"""Working days that a step takes, at least and at most."""
SINCE: Final[dict[str, tuple[float, float]]] = {
    "open": (0.2, 3.5),
    "submitted": (0.1, 1.8),
    "lapsed": (9.0, 60.0),
    "expired": (40.0, 110.0),
    "refused": (14.0, 120.0),
    "declined": (3.0, 110.0),
    "withdrawn": (6.0, 110.0),
    "lent": (24.0, 126.0),
    "repaid": (200.0, 270.0),
}
"""Working days before the demo's moment on which an application was filed; else just long enough ago."""
PURPOSES: Final = ("turnover", "turnover", "purchase", "purchase", "equipment", "farming", "research")
OPEN_SHARE: Final = 0.22
"""Of those lent, how many came by way of the hall."""


@dataclass
class Story:
    """One application: whose, how much, the steps with their moments. `after`: the story that it renews."""

    target: str
    enterprise: int
    fen: int
    months: int
    purpose: str
    mode: str
    version: ProductVersion | None
    steps: list[tuple[dt.datetime, str]] = field(default_factory=list)
    after: Story | None = None


class Planner:
    """Draws the stories of a county."""

    def __init__(
        self, firms: Sequence[int], versions: Sequence[ProductVersion], hours: Hours, now: dt.datetime
    ) -> None:
        self.firms, self.versions, self.hours, self.now = iter(firms), versions, hours, now
        self.dice = random.Random(len(firms))  # noqa: S311 - a reproducible history

    def stories(self, lent: int) -> list[Story]:
        """`lent` loans of as many firms with their share of the total, and what else was asked for."""
        amounts = self._amounts(lent)
        again = round(lent * AGAIN / FIRMS)
        found: list[Story] = []
        for number, fen in enumerate(amounts):
            found.extend(self._again(fen, number) if number < again else [self._one("lent", fen)])
        for target, count in OTHERS.items():
            wanted = max(1, round(count * lent / FIRMS))
            found.extend(self._one(target, self._fen()) for _number in range(wanted))
        return found

    def _again(self, fen: int, number: int) -> Iterator[Story]:
        """A firm that had borrowed before: it renews, sooner or later, or goes to another bank."""
        earlier = self._one("repaid", self._fen())
        yield earlier
        if number % 3 == 2 or earlier.version is None:
            yield self._one("lent", fen, earlier.enterprise)
            return
        later = self._of(earlier.version, "lent", self._within(earlier.version, fen), earlier.enterprise)
        later.after = earlier
        yield later

    def one_for(self, enterprise: int, target: str) -> Story:
        """A story of a firm of one's own choice."""
        version = self._version(50 * WAN)
        return self._of(version, target, 50 * WAN, enterprise)

    def _one(self, target: str, fen: int, enterprise: int | None = None) -> Story:
        in_hall = target == "open" or target == "lent" and self.dice.random() < OPEN_SHARE
        version = None if in_hall else self._version(fen)
        return self._of(version, target, fen, enterprise or next(self.firms))

    def _of(self, version: ProductVersion | None, target: str, fen: int, enterprise: int) -> Story:
        months, mode = self.dice.choice((6, 12, 12, 12, 24, 36)), str(LoanMode.OPEN)
        if version is not None:
            months = min(max(months, version.term_min or 1), version.term_max or 36)
            mode = self.dice.choice((LoanMode.CHOOSE, LoanMode.CHOOSE, LoanMode.RECOMMEND))
        story = Story(target, enterprise, fen, months, self.dice.choice(PURPOSES), mode, version)
        story.steps = list(self._steps(target, taken=version is None))
        return story

    def _steps(self, target: str, *, taken: bool) -> Iterator[tuple[dt.datetime, str]]:
        """Every step with its moment; of what is lent also interest paid since."""
        names = ["grab" if taken and name == "accept" else name for name in ROUTES[target]]
        spans = [self.dice.uniform(*DAYS["accept" if name == "grab" else name]) for name in names]
        least, most = SINCE.get(target, (0.0, 0.0))
        ago = self.dice.uniform(least, most) if most else sum(spans) + self.dice.uniform(0.1, 1.2)
        at = self.hours.before(self.now, max(ago, sum(spans) + 0.1) * A_DAY)
        yield at, "file"
        for name, span in zip(names, spans, strict=True):
            before, at = at, self.hours.after(at, span * A_DAY)
            if name == "repay":
                yield from self._paying(before, at)
            yield at, name
        if target == "lent":
            yield from self._paying(at, self.now)

    def _paying(self, at: dt.datetime, until: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
        """Moments at which instalments are paid, more than one a month."""
        while (at := self.hours.after(at, self.dice.uniform(*DAYS["interest"]) * A_DAY)) < until:
            yield at, "interest"

    def _fen(self) -> int:
        return int(self.dice.choice((10, 20, 20, 30, 30, 50, 50, 80, 100, 150, 200))) * WAN

    def _amounts(self, count: int) -> list[int]:
        """So many sums in whole 万元 that add up to the county's share, few of them large."""
        total = round(TOTAL_FEN * count / FIRMS / WAN)
        weights = [self.dice.lognormvariate(0, 0.7) for _number in range(count)]
        sums = [max(5, round(total * weight / sum(weights))) for weight in weights]
        sums[sums.index(max(sums))] += total - sum(sums)
        return [each * WAN for each in sums]

    def _version(self, fen: int) -> ProductVersion | None:
        fitting = [
            version
            for version in self.versions
            if (version.amount_min_fen or 0) <= fen <= (version.amount_max_fen or fen)
        ]
        return self.dice.choice(fitting) if fitting else None

    @staticmethod
    def _within(version: ProductVersion, fen: int) -> int:
        return min(max(fen, version.amount_min_fen or 0), version.amount_max_fen or fen)
