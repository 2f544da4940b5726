"""A loss is shared to the fen, and what comes back is shared alike however it comes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finance.pools.shares import Shares, returned, split

sums = st.integers(0, 10**15)
percents = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)


def test_thirty_to_seventy():
    assert split(100_00, Decimal(70)) == Shares(70_00, 30_00)


def test_the_fen_that_cannot_be_shared_is_the_banks():
    assert split(1, Decimal(70)) == Shares(0, 1)
    assert split(101, Decimal(70)) == Shares(70, 31)


@given(sums, percents)
def test_both_parts_are_the_sum_and_the_pool_never_pays_more_than_its_percent(sum_fen, share):
    parts = split(sum_fen, share)
    assert parts.guarantee_fen + parts.bank_fen == sum_fen
    assert 0 <= sum_fen * share / 100 - parts.guarantee_fen < 1


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20), percents)
def test_what_comes_back_in_any_pieces_gives_the_pool_its_share_of_the_whole(pieces, share):
    back, pool = 0, 0
    for piece in pieces:
        part = returned(back, piece, share)
        assert 0 <= part <= piece
        back, pool = back + piece, pool + part
    assert pool == split(sum(pieces), share).guarantee_fen
