"""One score and all at once: equal to the last digit, explained, bounded, monotone."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.catalogue import NOT_APPLICABLE
from enterprises.knowledge import CredentialRecord, Knowledge
from finance.scoring.batch import score_all
from finance.scoring.card import CREDENTIALS, Bin, Card, Characteristic
from finance.scoring.enums import Dimension, Monotone
from finance.scoring.reckoning import Standing, score
from finance.scoring.sheets import Points
from finance.scoring.tips import gaps, tips
from matching.batch.frame import frame_of
from tests.finance.scoring.cards import bins_of_figures, cards, figures
from tests.matching.strategies import AS_OF, CATALOGUE, knowledges

WEIGHTS = dict.fromkeys(Dimension, 25)
GRADE = Characteristic(
    "grade",
    "信用级别",
    Dimension.TAX,
    "grade",
    (
        Bin("A", 600, values=frozenset("A"), reason="好", tip="按时缴税"),
        Bin("B", 100, values=frozenset("B"), reason="较好", tip="补缴"),
        Bin("M", -200, values=frozenset("M"), reason="新设"),
    ),
)
DEBT = Characteristic(
    "debt",
    "负债率",
    Dimension.CONDUCT,
    "debt",
    bins_of_figures([Fraction(10), Fraction(50)], [300, 0, -300]),
    Monotone.FALLING,
    years=1,
)
CERTIFIED = Characteristic(
    "certified",
    "资质",
    Dimension.SCENE,
    CREDENTIALS,
    (Bin("高企", 200, values=frozenset({"high_tech"}), reason="高企"), Bin("无", 0, values=frozenset())),
)
CARD = Card(5_000, WEIGHTS, (GRADE, DEBT, CERTIFIED))


def knowing(**values: object) -> Knowledge:
    return Knowledge.from_values(CATALOGUE, values, as_of=AS_OF)


@given(cards(), st.lists(knowledges(), min_size=1, max_size=12))
def test_all_at_once_is_each_alone(card: Card, firms: list[Knowledge]) -> None:
    batch = score_all(card, frame_of(firms))
    alone = [score(card, firm) for firm in firms]
    assert batch.scores.points.tolist() == [one.points for one in alone]
    assert batch.scores.low.tolist() == [one.low for one in alone]
    assert batch.scores.high.tolist() == [one.high for one in alone]
    for number in range(len(card.characteristics)):
        told = [one.parts[number].place for one in alone]
        assert [None if place > 200 else place for place in batch.places[number].tolist()] == told


@given(cards(), knowledges())
def test_reasons_sum_to_the_score_within_its_bounds(card: Card, firm: Knowledge) -> None:
    found = score(card, firm)
    assert found.points == card.base + sum(part.points for part in found.parts)
    assert card.least <= found.low <= found.high <= card.most
    assert found.settled == all(part.low == part.high for part in found.parts)
    for part in found.parts:
        if part.standing is Standing.KNOWN:
            assert part.low == part.points == part.high


@given(
    st.sampled_from(list(Monotone)).flatmap(lambda way: figures("score", way)),
    *[st.fractions(-20_000_000, 40_000_000, max_denominator=100)] * 2,
)
def test_what_is_declared_monotone_is(one: Characteristic, left: Fraction, right: Fraction) -> None:
    card = Card(5_000, WEIGHTS, (one,))
    lesser, greater = (score(card, knowing(score=value)).points for value in sorted((left, right)))
    assert lesser <= greater if one.monotone == Monotone.RISING else lesser >= greater


@given(cards(), knowledges())
def test_learning_more_narrows_the_range(card: Card, firm: Knowledge) -> None:
    """Looking away from one thing never moves a bound inward."""
    whole = score(card, firm)
    for one in card.characteristics:
        less = score(card, firm, lambda other, left=one: other is not left)
        assert less.low <= whole.low <= whole.high <= less.high


@pytest.mark.parametrize(
    ("debt", "points"),
    [
        (Fraction(999, 100), 300),
        (10, 0),  # lower bounds are inside
        (Fraction(4999, 100), 0),
        (50, -300),
        (1000, -300),
    ],
)
def test_bounds_belong_to_the_bin_above(debt: Fraction, points: int) -> None:
    assert score(CARD, knowing(debt={2026: debt})).parts[1].points == points


def test_nothing_known_leaves_the_whole_range() -> None:
    found = score(CARD, knowing())
    assert (found.points, found.low, found.high) == (5_000, 4_500, 5_900)  # certificates are complete
    assert [part.standing for part in found.parts] == [Standing.MISSING, Standing.MISSING, Standing.KNOWN]
    assert [gap.spread for gap in gaps(found, CATALOGUE)] == [800, 600]


def test_a_figure_too_old_is_missing() -> None:
    assert score(CARD, knowing(debt={2025: 60})).parts[1].points == -300
    assert score(CARD, knowing(debt={2024: 60})).parts[1].standing is Standing.MISSING


def test_what_does_not_apply_counts_neither_way_for_good() -> None:
    found = score(CARD, knowing(debt={2026: NOT_APPLICABLE}))
    part = found.parts[1]
    assert part.standing is Standing.INAPPLICABLE
    assert (part.points, part.low, part.high) == (0, 0, 0)


def test_what_is_not_allowed_is_not_looked_at() -> None:
    firm = knowing(grade={2026: "A"}, debt={2026: 60})
    found = score(CARD, firm, lambda one: one.fact != "debt")
    assert found.parts[1].standing is Standing.WITHHELD
    assert found.parts[1].value is None
    assert (found.points, found.low, found.high) == (5_600, 5_300, 5_900)
    assert gaps(found, CATALOGUE) == []


def test_a_certificate_that_ended_does_not_count() -> None:
    ended = CredentialRecord("high_tech", valid_to=AS_OF.replace(day=14))
    assert score(CARD, knowing(credentials=[ended])).parts[2].points == 0
    assert score(CARD, knowing(credentials=["high_tech"])).parts[2].points == 200


def test_tips_name_the_next_bin_and_what_it_brings() -> None:
    found = tips(score(CARD, knowing(grade={2026: "M"}, debt={2026: 60})))
    assert [(tip.part.characteristic.key, tip.target.label, tip.gain, tip.most) for tip in found] == [
        ("grade", "B", 300, 800)
    ]
    assert tips(score(CARD, knowing(grade={2026: "A"}))) == []


def test_a_choice_that_came_later_is_missing() -> None:
    short = replace(GRADE, bins=GRADE.bins[:2])
    assert score(Card(5_000, WEIGHTS, (short,)), knowing(grade={2026: "M"})).low == 5_100


@given(st.lists(st.tuples(*[st.integers(0, 10_000)] * 3), max_size=50), st.integers(1, 2**40))
def test_packed_scores_come_back(rows: list[tuple[int, int, int]], first: int) -> None:
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    ids = np.arange(len(rows), dtype=np.int64) * 7 + first
    back = Points.from_bytes(Points(ids, *columns).to_bytes())
    assert back.ids.tolist() == ids.tolist()
    assert [back.points.tolist(), back.low.tolist(), back.high.tolist()] == columns.tolist()
    for number, (points, low, high) in enumerate(rows):
        assert back.of(int(ids[number])) == (points, low, high)
    assert back.of(first - 1) is None
