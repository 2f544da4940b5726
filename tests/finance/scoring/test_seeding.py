"""The first points table as the project brings it."""

import pytest

from enterprises.services import load_catalogue
from finance.models import ScoreModel, ScoreVersion
from finance.scoring.cards import MODEL, card_of, version_in_use
from finance.scoring.checks import shortcomings
from finance.scoring.seeding import seed_scores
from portal.kernel.errors import DomainError
from portal.kernel.versions import VersionState

pytestmark = pytest.mark.django_db


def test_it_is_published_and_sound() -> None:
    version = version_in_use()
    card = card_of(version)
    assert (card.least, card.most) == (0, 10_000)
    assert shortcomings(card, load_catalogue()) == []
    assert version.note


def test_every_figure_is_declared_monotone() -> None:
    for one in card_of(version_in_use()).characteristics:
        assert bool(one.monotone) == one.takes_figures, one.key


def test_every_bin_that_moves_the_score_says_why() -> None:
    for one in card_of(version_in_use()).characteristics:
        for each in one.bins:
            assert bool(each.reason) == bool(each.points), (one.key, each.label)


def test_what_is_there_stays() -> None:
    before = ScoreVersion.objects.values_list("pk", flat=True)
    seed_scores(None)
    assert list(before) == list(ScoreVersion.objects.values_list("pk", flat=True))


def test_without_a_published_version_nobody_is_scored() -> None:
    ScoreModel.objects.create(code="empty", name="空")
    with pytest.raises(DomainError, match="尚未发布"):
        version_in_use("empty")
    assert version_in_use(MODEL).state == VersionState.PUBLISHED
