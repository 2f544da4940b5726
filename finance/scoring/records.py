"""A score as it is written down: the reasons as JSON, in words that need no catalogue to be read later."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Tier, Value
from enterprises.knowledge import Known
from enterprises.models import ConsentReading
from enterprises.sheet import made_from, shown_value, source_name
from finance.models import Score, ScoreVersion
from finance.scoring.card import CREDENTIALS
from finance.scoring.reckoning import Part, Reckoned
from portal.kernel.digests import digest_of
from portal.kernel.language import in_language_of_record, listed
from portal.kernel.refusals import constraint_of

IN_USE: Final = "finance_score_in_use"
"""The database's name for: nobody is scored by a version that is not in use."""


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
    return listed(kinds[kind].label if kind in kinds else kind for kind in sorted(value))


@in_language_of_record()
def record(
    reading: ConsentReading, version: ScoreVersion, reckoned: Reckoned, catalogue: Catalogue
) -> Score | None:
    """Write a score down as whoever read relies on it; asked for again, a reading's score is the same.

    None where the version was retired meanwhile: whoever asked reckons anew by the one in use.
    """
    if (there := Score.objects.filter(reading=reading).first()) is not None:
        return there
    parts = [written(part, catalogue) for part in reckoned.parts]
    as_of = timezone.localdate(reading.at)
    made = Score(
        enterprise_id=reading.consent.enterprise_id,
        reading=reading,
        version=version,
        as_of=as_of,
        known_at=reading.at,
        base=reckoned.card.base,
        points=reckoned.points,
        low=reckoned.low,
        high=reckoned.high,
        parts=parts,
        digest=digest_of({"version": version.pk, "as_of": as_of.isoformat(), "parts": parts}),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if constraint_of(error) == IN_USE:
            return None
        raise
    return made
