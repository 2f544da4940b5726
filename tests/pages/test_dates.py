"""Deadlines in words, at their edges."""

import datetime as dt

import pytest
from django.utils import timezone

from portal.shell.dates import day_words, deadline, moment_words, opening

TODAY = dt.date(2026, 11, 20)  # a Friday


def weekdays(start, end):
    days = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 for day in days)


@pytest.mark.parametrize(
    ("until", "words", "state"),
    [
        (None, "长期有效", "done"),
        (dt.date(2026, 11, 19), "已于 11 月 19 日（周四）截止", "late"),
        (TODAY, "今天截止", "late"),
        (dt.date(2026, 11, 21), "节假日内截止", "late"),
        (dt.date(2026, 11, 23), "还剩 1 个工作日", "due"),
        (dt.date(2026, 11, 27), "还剩 5 个工作日", "due"),
        (dt.date(2026, 11, 30), "还剩 6 个工作日", "done"),
    ],
)
def test_how_long_is_left(until, words, state):
    said = deadline(until, TODAY, weekdays)
    assert (said.words, said.state) == (words, state)


def test_the_year_is_named_when_it_is_another():
    assert day_words(dt.date(2027, 2, 25), TODAY) == "2027 年 2 月 25 日（周四）"
    assert day_words(dt.date(2026, 2, 25), TODAY) == "2 月 25 日（周三）"


def test_a_window_that_has_not_opened_says_when():
    assert opening(TODAY, TODAY) is None
    assert opening(None, TODAY) is None
    assert opening(dt.date(2026, 12, 1), TODAY).words == "12 月 1 日（周二）开始"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((20, 9, 5), "今天 09:05"),
        ((19, 23, 59), "昨天 23:59"),
        ((18, 16, 42), "11 月 18 日（周三） 16:42"),
    ],
)
def test_moments(moment, words):
    day, hour, minute = moment
    here = timezone.get_default_timezone()
    now = dt.datetime(2026, 11, 20, 12, 0, tzinfo=here)
    assert moment_words(dt.datetime(2026, 11, day, hour, minute, tzinfo=here), now) == words
