"""Every enterprise of a small demo county is explained: its reasons make its score."""

from collections import Counter

import pytest
from django.utils import timezone

from enterprises.services import knowledge_of_many
from finance.scoring.batch import score_all
from finance.scoring.cards import card_of, version_in_use
from finance.scoring.enums import Dimension
from finance.scoring.page import view_of
from finance.scoring.reckoning import Standing, score
from finance.scoring.records import written
from finance.scoring.sheets import band_of
from matching.batch.frames import frame_of_ids
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.population import draw
from portal.shell.demo.showcase import online_lessons, wheel_hubs

pytestmark = pytest.mark.django_db
COUNT = 400


def test_reasons_make_the_score_of_everybody() -> None:
    firms = [wheel_hubs(DEMO_TODAY), online_lessons(DEMO_TODAY), *draw(COUNT, DEMO_SEED, DEMO_TODAY)]
    ids = write(firms, timezone.now())
    card = card_of(version_in_use())
    known = knowledge_of_many(ids, as_of=DEMO_TODAY, keys=card.facts)
    at_once = score_all(card, frame_of_ids(ids, DEMO_TODAY)).scores
    seen: Counter[int] = Counter()
    for pk, knowledge in known.items():
        found = score(card, knowledge)
        told = [written(part, knowledge.catalogue) for part in found.parts]
        assert found.points == card.base + sum(one["points"] for one in told)
        assert 0 <= found.low <= found.points <= found.high <= 10_000
        assert at_once.of(pk) == (found.points, found.low, found.high)
        for part, one in zip(found.parts, told, strict=True):
            assert bool(one["reason"]) == bool(part.points)
            if part.standing is Standing.KNOWN:
                assert one["bin"]
        view = view_of(found, knowledge, pk)
        assert [one.label for one in view.dimensions] == [str(one.label) for one in Dimension]
        for tip in view.tips:
            assert tip.said
            assert tip.gain.startswith("+")
        seen[band_of(found.points)] += 1
    assert len(seen) >= 4  # the scores tell enterprises apart
