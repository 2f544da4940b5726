"""Working days, make-up days and years that nobody knows yet. Dates: State Council notice for 2026."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import DomainError
from portal.kernel.models import AnnouncedYear, WorkdayOverride
from portal.kernel.workdays import (
    LAST_KNOWN_YEAR,
    Calendar,
    add_workdays,
    is_provisional,
    is_workday,
    workdays_between,
)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # Saturday, made up for the Spring Festival
        (date(2026, 2, 28), True),  # Saturday, likewise
        (date(2026, 9, 20), True),  # Sunday, made up for the National Day
        (date(2026, 10, 10), True),  # Saturday, likewise
        (date(2026, 2, 16), False),  # Monday, Spring Festival
        (date(2026, 10, 1), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 1), False),
        (date(1999, 1, 1), True),  # Friday before the package's years
    ],
)
def test_holidays_and_make_up_days_count_as_announced(day, works):
    assert Calendar().is_workday(day) is works


@given(days, st.integers(0, 900), st.dictionaries(days, st.booleans(), max_size=9))
def test_working_days_are_counted_as_if_one_by_one(start, count, overrides):
    calendar, end = Calendar(overrides), start + timedelta(days=count)
    one_by_one = sum(calendar.is_workday(start + timedelta(days=n + 1)) for n in range(count))
    assert calendar.workdays_between(start, end) == one_by_one
    assert calendar.workdays_between(end, start) == -one_by_one


def test_an_end_far_away_is_counted_at_once():
    """9999-12-31 stands for "always" in many a list: three million days are not walked one by one."""
    assert Calendar().workdays_between(date(2026, 1, 1), date.max) > 2_000_000


@pytest.mark.django_db
def test_the_table_stands_over_the_package():
    day = date(2026, 3, 2)
    WorkdayOverride.objects.create(day=day, is_workday=False, reason="县里放假")
    assert not is_workday(day)
    assert add_workdays(date(2026, 2, 28), 1) == date(2026, 3, 3)
    assert workdays_between(date(2026, 2, 28), date(2026, 3, 3)) == 1


@pytest.mark.django_db
def test_years_without_a_notice_are_provisional_until_they_are_marked_as_announced():
    assert not is_provisional(2026)
    assert not is_provisional(1999), "the past moves no more"
    year = LAST_KNOWN_YEAR + 1
    WorkdayOverride.objects.create(day=date(year, 1, 1), is_workday=False, reason="县里放假")
    assert is_provisional(year), "one day is no notice"
    AnnouncedYear.objects.create(year=year, notice="国办发明电")
    assert not is_provisional(year)
    assert is_provisional(year + 1)
    assert Calendar.load().known_until.year == year + 1
    assert not is_workday(date(year, 1, 1)), "the mark does not hide the day"


@pytest.mark.django_db
def test_the_calendar_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        Calendar.load()


def test_a_count_leaves_out_the_first_day_and_the_holidays():
    calendar = Calendar()
    assert calendar.add_workdays(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert calendar.add_workdays(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert calendar.add_workdays(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert calendar.add_workdays(date(2026, 2, 15), 0) == date(2026, 2, 15)
    assert calendar.workday_from(date(2026, 2, 15)) == date(2026, 2, 24)
    assert calendar.workday_until(date(2026, 2, 23)) == date(2026, 2, 14)
    assert calendar.workday_until(date(2026, 2, 14)) == date(2026, 2, 14)
    with pytest.raises(DomainError):
        calendar.add_workdays(date(2026, 1, 1), 10**6)


@given(days, st.integers(1, 120))
def test_adding_and_counting_agree(day, count):
    calendar = Calendar()
    end = calendar.add_workdays(day, count)
    assert calendar.is_workday(end)
    assert calendar.workdays_between(day, end) == count
    assert calendar.workdays_between(end, day) == -count


@pytest.mark.django_db
@pytest.mark.parametrize("year", [0, 1999, 2201, 20277])
def test_an_implausible_year_is_refused_in_words(year):
    with pytest.raises(ValidationError):
        AnnouncedYear(year=year, notice="国办发明电").full_clean()
