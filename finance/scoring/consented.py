"""An enterprise's score as a bank may know it: from what a consent handed out, and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.consents.reading import Read
from enterprises.derived import DERIVED
from enterprises.knowledge import Knowledge, Known
from enterprises.services import load_catalogue
from finance.models import Score, ScoreVersion
from finance.scoring.card import CREDENTIALS, Characteristic
from finance.scoring.cards import card_of, version_in_use
from finance.scoring.reckoning import Reckoned, score
from finance.scoring.records import record
from portal.kernel.errors import DomainError

TRIES: Final = 3
"""How often a version may be retired under a score before it is given up."""


@dataclass(frozen=True)
class HandedOut(Knowledge):
    """What was read under a consent. A computed fact may come without what it is made from."""

    def value(self, key: str, period: int | None = None) -> Known | None:
        """The value that was handed out, or computed from what was."""
        given = self.facts.get(key, {}).get(period) if key in DERIVED else None
        return given or super().value(key, period)


def for_consent(read: Read) -> Score:
    """The score for whoever read under a consent, written down as they rely on it.

    ``read`` comes from ``enterprises.consents.reading.read``, which has recorded the reading. What it
    does not allow counts as missing: the score's range says how much hangs on it. The same reading gives the
    same row. Raises DomainError while no version is in use.
    """
    catalogue = load_catalogue()
    for _try in range(TRIES):
        version = version_in_use()
        written = record(read.reading, version, reckon(read, version), catalogue)
        if written is not None:
            return written
    raise DomainError(_("评分标准正在更新，请稍后再试。"), code="version_changing")


def reckon(read: Read, version: ScoreVersion) -> Reckoned:
    """The same score, not written down."""
    allowed = read.reading.keys
    facts, kinds = frozenset(allowed["facts"]), frozenset(allowed["credentials"])
    knowledge = HandedOut(
        load_catalogue(),
        timezone.localdate(read.reading.at),
        enterprise_id=read.consent.enterprise_id,
        facts=read.values,
        records=read.credentials,
    )

    def is_allowed(one: Characteristic) -> bool:
        if one.fact == CREDENTIALS:
            return one.kinds <= kinds
        return one.fact in facts or one.asked - set(DERIVED) <= facts

    return score(card_of(version), knowledge, is_allowed)
