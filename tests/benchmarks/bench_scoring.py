"""Scores of a whole county at once against one after the other."""

import datetime as dt

import pytest

from enterprises.services import knowledge_of_many
from finance.scoring.batch import score_all
from finance.scoring.cards import card_of, version_in_use
from finance.scoring.reckoning import score
from matching.batch.frame import Frame
from matching.batch.frames import forget, frame_for
from tests.benchmarks import harness

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

SAMPLE = 2_000
"""Enterprises that are scored one after the other; the figure is scaled to the whole county."""


def anew(frame: Frame) -> Frame:
    """The same stored columns without anything computed from them."""
    fresh = Frame(frame.catalogue, frame.ids, frame.as_of, frame.purpose, frame.stored, frame.source)
    fresh.certificates = frame.credentials
    return fresh


def test_a_county_s_scores(county: list[int], today: dt.date) -> None:
    """All enterprises, columns loaded; computed facts are computed each time. Every score is compared."""
    card = card_of(version_in_use())
    frame = frame_for(today)
    found = score_all(card, frame).scores
    for begin in range(0, len(county), 5_000):
        firms = knowledge_of_many(county[begin : begin + 5_000], as_of=today, keys=card.facts)
        for pk, firm in firms.items():
            alone = score(card, firm)
            assert found.of(pk) == (alone.points, alone.low, alone.high)
    seconds = harness.median(lambda: score_all(card, anew(frame)))
    firms = list(knowledge_of_many(county[:: len(county) // SAMPLE], as_of=today, keys=card.facts).values())
    loop = harness.median(lambda: [score(card, firm) for firm in firms], times=5) / len(firms) * len(county)
    name = f"scores of {len(county):,} enterprises, vectorised / one after the other"
    assert harness.faster(name, seconds, loop, at_least=50).ok


def test_a_county_s_scores_with_nothing_loaded(county: list[int], today: dt.date) -> None:
    """The same from a cold process: columns out of the database first; the peer reads knowledge first."""
    card = card_of(version_in_use())

    def cold() -> None:
        forget()
        score_all(card, frame_for(today))

    sample = county[:: len(county) // SAMPLE]

    def alone() -> None:
        for firm in knowledge_of_many(sample, as_of=today, keys=card.facts).values():
            score(card, firm)

    seconds = harness.median(cold, times=3)
    loop = harness.median(alone, times=3) / len(sample) * len(county)
    name = f"scores of {len(county):,} enterprises with loading, vectorised / one after the other"
    assert harness.faster(name, seconds, loop, at_least=5).ok
