"""A score as it is written down: the reasons as JSON, in words that need no catalogue to be read later."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Tier, Value
from enterprises.knowledge import Known
from enterprises.sheet import made_from, shown_value, source_name
from finance.models import Score, ScoreVersion
from finance.scoring.card import CREDENTIALS
from finance.scoring.reckoning import Part, Reckoned
from portal.kernel.digests import digest_of

IN_USE: Final = "finance_score_in_use"
"""The database's name for: nobody is scored by a version that is not in use."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The day judged, when it was known, and the words that values are told in."""

    as_of: dt.date
    known_at: dt.datetime
    catalogue: Catalogue


def written(part: Part, catalogue: Catalogue) -> dict[str, Any]:
    """One reason. ``points``, ``low`` and ``high`` are hundredths of a point."""
    one = part.characteristic
    return {
        "key": one.key,
        "fact": one.fact,
        "label": one.label,
        "dimension": str(one.dimension),
        "standing": str(part.standing),
        "value": value_words(part, catalogue),
        "period": part.period,
        "source": source_words(part, catalogue),
        "as_of": part.as_of.isoformat() if part.as_of else None,
        "bin": part.bin.label if part.bin is not None else "",
        "points": part.points,
        "low": part.low,
        "high": part.high,
        "reason": part.reason,
    }


def value_words(part: Part, catalogue: Catalogue) -> str:
    """The value as people read it; of certificates those that count; empty where nothing is known."""
    if part.value is None:
        return ""
    if part.characteristic.fact == CREDENTIALS:
        return _certificates(part.value, catalogue)
    spec = catalogue[part.characteristic.fact]
    known = Known(part.value, part.period, part.tier or Tier.DECLARED, part.source, part.as_of or dt.date.min)
    return shown_value(catalogue, spec, known)


def source_words(part: Part, catalogue: Catalogue) -> str:
    """Who said it, or what it was computed from."""
    if part.value is None or not part.source:
        return ""
    spec = catalogue.get(part.characteristic.fact)
    return (made_from(catalogue, spec) if spec is not None else "") or source_name(part.source)


def _certificates(value: Value, catalogue: Catalogue) -> str:
    if value is NOT_APPLICABLE or not isinstance(value, frozenset):
        return ""
    kinds = catalogue.credential_kinds
    return "、".join(kinds[kind].label if kind in kinds else kind for kind in sorted(value))


def record(enterprise: int, version: ScoreVersion, reckoned: Reckoned, judged: Judged) -> Score | None:
    """Write a score down as somebody relies on it; the same again on a day is written once.

    None where the version was retired meanwhile: whoever asked reckons anew by the one in use.
    """
    parts = [written(part, judged.catalogue) for part in reckoned.parts]
    digest = digest_of({"version": version.pk, "as_of": judged.as_of.isoformat(), "parts": parts})
    of_day = Score.objects.filter(enterprise=enterprise, version=version, as_of=judged.as_of)
    if (there := of_day.filter(digest=digest).first()) is not None:
        return there
    made = Score(
        enterprise_id=enterprise,
        version=version,
        as_of=judged.as_of,
        known_at=judged.known_at,
        base=reckoned.card.base,
        points=reckoned.points,
        low=reckoned.low,
        high=reckoned.high,
        parts=parts,
        digest=digest,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == IN_USE:
            return None
        raise
    return made
