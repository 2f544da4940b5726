"""The automatic check and similar cases: what official data says, what differs, what is alike."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from enterprises.catalogue import Purpose
from enterprises.knowledge import Knowledge
from enterprises.services import load_catalogue
from enterprises.sizes import SIZES
from policies.reviewing.alike import Trait, distance, nearest, similar
from policies.reviewing.checking import check, differences
from tests.applying import factories as make
from tests.enterprises.factories import give_value

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 30)
TRAITS = st.builds(
    Trait,
    st.sampled_from(["3670", "36", "3512", "0111", "F51", "51", ""]),
    st.sampled_from([*SIZES, ""]),
    st.none() | st.integers(0, 10**12),
)


def last_year():
    return timezone.localdate().year - 1


def checked(application):
    return check(application.evidence.latest("number"), timezone.localdate())


def employees(application, count, **columns):
    """What the tax office says of last year."""
    columns.setdefault("as_of", timezone.localdate())
    return give_value(application.enterprise, "employees", period=last_year(), scaled=count, **columns)


class TestCheck:
    def test_what_only_the_enterprise_says_is_not_official(self):
        found = checked(make.sent())
        of_county, invested, employed = found.lines
        assert [line.sent.truth for line in found.lines] == ["true", "true", "true"]
        assert (of_county.official.truth, of_county.sent.tier_label) == ("true", "部门数据")
        assert (invested.official.truth, employed.official.truth) == ("unknown", "unknown")
        assert employed.sent.tier_label == "企业自报"
        assert not found.changed
        assert not found.is_plain
        assert (found.compared, found.answered) == (0, 2)

    def test_a_department_that_knows_better_is_a_difference_and_a_change(self):
        application = make.sent()
        employees(application, 8)
        found = checked(application)
        (one,) = found.differences
        assert (one.label, one.period, one.percent) == ("从业人数", last_year(), 150.0)
        assert (one.declared, one.official) == ("20 人", "8 人")
        assert [line.sentence for line in found.changed] == [found.lines[2].sentence]
        assert found.lines[2].today.truth == found.lines[2].official.truth == "false"

    def test_one_that_says_the_same_is_neither(self):
        application = make.sent()
        employees(application, 20)
        found = checked(application)
        assert found.differences == ()
        assert found.lines[2].official.truth == "true"
        assert (found.compared, found.answered) == (1, 2)

    def test_what_is_being_amended_is_not_checked_before_it_is_sent(self):
        application = make.returned()
        type(application).objects.update(answers={"equipment_invest": "1"})
        assert checked(application).lines[1].today.truth == "true"

    def test_years_are_counted_from_the_sending(self):
        application = make.sent()
        evidence = application.evidence.get()
        next_year = timezone.localdate().replace(month=1, day=15) + dt.timedelta(days=366)
        found = check(evidence, next_year)
        assert found.lines[2].today.truth == "true"
        assert str(last_year()) in found.today.leaves[2].sentence

    def test_five_queries(self, django_assert_num_queries):
        evidence = make.sent().evidence.select_related("application", "rule_version").get()
        check(evidence, DAY)
        with django_assert_num_queries(5):
            check(evidence, DAY)


def test_differences_of_figures_choices_and_what_does_not_apply():
    catalogue = load_catalogue()
    values = {"employees": {2025: 10}, "region": "500231"}
    official = Knowledge.from_values(catalogue, values, as_of=DAY, purpose=Purpose.PAY)
    given = {("employees", 2025): 12, ("employees", 2024): 7, ("region", None): "500230"}
    found = {(one.label, one.period): one for one in differences(given, official)}
    assert len(found) == 2
    assert found["从业人数", 2025].percent == 20.0
    assert next(one for key, one in found.items() if key[1] is None).percent is None
    assert list(differences({("employees", 2025): 10}, official)) == []


class TestAlike:
    @given(TRAITS, TRAITS)
    def test_distance_is_fair(self, one, other):
        assert distance(one, other) == pytest.approx(distance(other, one))
        assert distance(one, other) >= 0

    @given(TRAITS)
    def test_nothing_is_nearer_than_the_same_in_a_known_trade(self, one):
        if one.industry[:2].isdigit():
            assert distance(one, one) == 0

    def test_nearest_first_and_the_newest_of_equals(self):
        mine = Trait("3670", "small", 1000)
        cases = [
            (SimpleNamespace(pk=1), Trait("3670", "small", 1000)),
            (SimpleNamespace(pk=2), Trait("3670", "small", 1000)),
            (SimpleNamespace(pk=3), Trait("3512", "medium", 4000)),
            (SimpleNamespace(pk=4), Trait("0111", "large", None)),
        ]
        assert [case.application.pk for case in nearest(mine, cases, 3)] == [2, 1, 3]

    def test_only_decided_ones_of_the_item(self):
        refused = make.refused()
        make.refused()
        again = make.sent(refused.version)
        make.sent(refused.version)
        (case,) = similar(again, DAY)
        assert case.application == refused
        assert similar(refused, DAY) == []
