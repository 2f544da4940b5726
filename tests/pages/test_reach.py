"""The arithmetic of money within reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.reach import Offer, Reach, money_within_reach

WAN = 1_000_000


def offer(low, high, *, certain=True, enjoy=False, group=""):
    return Offer(certain=certain, enjoy=enjoy, low=low, high=high, group=group)


def test_nothing_is_nothing():
    assert money_within_reach([]) == Reach()


def test_the_mock_adds_up():
    reach = money_within_reach(
        [
            offer(30 * WAN, 30 * WAN, enjoy=True),
            offer(56 * WAN, 56 * WAN),
            offer(10 * WAN, 46 * WAN, certain=False),
        ]
    )
    assert (reach.low, reach.high, reach.enjoy, reach.apply, reach.later) == (
        86 * WAN,
        132 * WAN,
        30 * WAN,
        56 * WAN,
        46 * WAN,
    )
    assert (reach.certain_items, reach.uncertain_items) == (2, 1)


def test_exclusive_offers_count_once_and_the_best_wins():
    reach = money_within_reach([offer(10, 10, group="g"), offer(30, 30, group="g"), offer(5, 5)])
    assert (reach.low, reach.high) == (35, 35)


def test_the_possible_money_of_a_group_may_come_from_another_item_than_the_sure_one():
    reach = money_within_reach([offer(10, 10, group="g"), offer(20, 50, certain=False, group="g")])
    assert (reach.low, reach.high, reach.later) == (10, 50, 40)


def test_unsure_offers_promise_nothing():
    assert money_within_reach([offer(40, 40, certain=False)]).low == 0


def test_worthless_offers_do_not_count_as_items():
    assert money_within_reach([offer(0, 0)]).items == 0


def test_an_unknown_upper_bound_is_told_and_not_invented():
    reach = money_within_reach([offer(0, None), offer(7, None)])
    assert (reach.low, reach.high, reach.unbounded) == (7, 7, 2)


def test_equal_money_prefers_what_comes_without_applying():
    reach = money_within_reach([offer(9, 9, group="g"), offer(9, 9, enjoy=True, group="g")])
    assert (reach.enjoy, reach.apply) == (9, 0)


@pytest.mark.parametrize("group", ["", "g"])
def test_an_open_lower_bound_of_an_unsure_offer_counts_as_possible_only(group):
    reach = money_within_reach([offer(8, None, certain=False, group=group)])
    assert (reach.low, reach.high) == (0, 8)


offers = st.builds(
    lambda certain, enjoy, low, more, group: Offer(
        certain, enjoy, low, None if more is None else low + more, group
    ),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10**14),
    st.none() | st.integers(0, 10**14),
    st.sampled_from(["", "a", "b"]),
)


@given(st.lists(offers, max_size=12))
def test_the_parts_always_make_the_whole(given_offers):
    reach = money_within_reach(given_offers)
    assert reach.enjoy + reach.apply == reach.low
    assert reach.low + reach.later == reach.high
    assert reach.low <= reach.high


@given(st.lists(offers, max_size=12), offers)
def test_one_more_offer_never_takes_money_away(given_offers, another):
    before, after = money_within_reach(given_offers), money_within_reach([*given_offers, another])
    assert after.low >= before.low
    assert after.high >= before.high


@given(st.lists(offers, max_size=8), st.randoms())
def test_order_does_not_matter(given_offers, random):
    shuffled = list(given_offers)
    random.shuffle(shuffled)
    assert money_within_reach(shuffled) == money_within_reach(given_offers)
