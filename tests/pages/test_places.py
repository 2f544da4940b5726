"""The navigation holds as many places as there is room for; the rest is under 更多."""

import pytest

from portal.shell.context import Place, fold


def places(count, current=0):
    return [Place(str(number), f"/{number}/", "home", number == current) for number in range(count)]


@pytest.mark.parametrize(("count", "shown", "rest"), [(0, 0, 0), (5, 5, 0), (6, 4, 2), (10, 4, 6)])
def test_they_are_folded_when_one_too_many(count, shown, rest):
    folded = fold(places(count), 5)
    assert (len(folded.shown), len(folded.rest)) == (shown, rest)
    assert [*folded.shown, *folded.rest] == places(count)


def test_the_fold_says_when_it_holds_the_page_itself():
    assert not fold(places(6, current=3), 5).current
    assert fold(places(6, current=4), 5).current
