"""The value in force: against a naive oracle, by hand where it matters, and with its query count."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from enterprises.catalogue import NOT_APPLICABLE, Purpose, Tier
from enterprises.knowledge import SELF, CredentialRecord
from enterprises.models import Credential, CredentialKind, Fact, FactValue
from enterprises.services import knowledge_of, knowledge_of_many, load_catalogue
from portal.accounts.models import Department
from tests.enterprises.factories import TODAY, EnterpriseFactory, give_value

DAYS = st.integers(0, 40).map(lambda days: TODAY - dt.timedelta(days))
START = timezone.make_aware(dt.datetime(2025, 5, 1))  # noqa: DTZ001
TIMES = st.integers(0, 30).map(lambda days: START + dt.timedelta(days))
FRESH_DAYS = {"mfi_rank": 62, "major_incident_1y": 366, "valid_patents": None}


@dataclass(frozen=True)
class Row:
    """One value as it might be recorded."""

    key: str
    scaled: int
    tier: int
    as_of: dt.date
    recorded_at: dt.datetime


ROWS = st.lists(
    st.builds(
        Row,
        key=st.sampled_from(["mfi_rank", "valid_patents"]),
        scaled=st.integers(1, 99),
        tier=st.sampled_from([1, 2, 3]),
        as_of=st.integers(0, 120).map(lambda days: TODAY - dt.timedelta(days)),
        recorded_at=TIMES,
    ),
    max_size=12,
)


def oracle(rows, key, as_of, known_at, least_tier):
    """The rule read aloud: keep what counts, then take the best, one comparison at a time."""
    best = None
    for place, row in enumerate(rows):
        stale = FRESH_DAYS[key] is not None and (as_of - row.as_of).days > FRESH_DAYS[key]
        if (
            row.key != key
            or row.recorded_at > known_at
            or row.as_of > as_of
            or row.tier < least_tier
            or stale
        ):
            continue
        rank = (row.tier, row.as_of, row.recorded_at, place)
        if best is None or rank > best[0]:
            best = (rank, row.scaled)
    return best and best[1]


class InForce(TestCase):
    """Hypothesis' TestCase rolls back after each example."""

    @settings(max_examples=60)
    @given(rows=ROWS, as_of=DAYS, known_at=TIMES, purpose=st.sampled_from(Purpose))
    def test_agrees_with_the_oracle(self, rows, as_of, known_at, purpose):
        enterprise, other = EnterpriseFactory(), EnterpriseFactory()
        for row in rows:
            columns = {"scaled": row.scaled, "tier": row.tier, "as_of": row.as_of}
            give_value(enterprise, row.key, **columns, recorded_at=row.recorded_at)
        give_value(other, "valid_patents", scaled=1000, as_of=dt.date(2020, 1, 1), recorded_at=START)
        knowledge = knowledge_of(enterprise, as_of=as_of, known_at=known_at, purpose=purpose)
        for key in ("mfi_rank", "valid_patents"):
            expected = oracle(rows, key, as_of, known_at, purpose.least_tier)
            known = knowledge.value(key)
            assert (known and known.value) == expected


@pytest.fixture
def enterprise(db):
    return EnterpriseFactory()


def test_each_kind_comes_back_as_its_canonical_value(enterprise):
    give_value(enterprise, "revenue", period=2024, scaled=123)
    give_value(enterprise, "market_share", scaled=123_456)
    give_value(enterprise, "above_scale", scaled=1)
    give_value(enterprise, "established_on", scaled=dt.date(2020, 2, 29).toordinal())
    give_value(enterprise, "region", text="500231101")
    give_value(enterprise, "lists", items=["first_set", "county_benefit"])
    give_value(enterprise, "export_value", period=2024, not_applicable=True)
    known = knowledge_of(enterprise, as_of=TODAY)
    assert known.value("revenue", 2024).value == 123
    assert known.value("market_share").value * 10_000 == 123_456
    assert known.value("above_scale").value is True
    assert known.value("established_on").value == dt.date(2020, 2, 29)
    assert known.value("region").value == "500231101"
    assert known.value("lists").value == frozenset({"first_set", "county_benefit"})
    assert known.value("export_value", 2024).value is NOT_APPLICABLE
    assert known.value("age_months").value == 64
    assert known.value("employees", 2024) is None
    assert known.value("region").source == "县税务局"


def test_a_declared_value_never_pays_and_never_hides_an_official_one(enterprise):
    give_value(enterprise, "employees", period=2024, scaled=10, tier=Tier.DECLARED)
    shown, paid = (knowledge_of(enterprise, as_of=TODAY, purpose=purpose) for purpose in Purpose)
    assert (shown.value("employees", 2024).value, shown.value("employees", 2024).source) == (10, SELF)
    assert paid.value("employees", 2024) is None
    give_value(enterprise, "employees", period=2024, scaled=8, as_of=TODAY - dt.timedelta(300))
    assert knowledge_of(enterprise, as_of=TODAY).value("employees", 2024).value == 8


def test_fresh_to_the_last_day_and_not_a_day_longer(enterprise):
    give_value(enterprise, "mfi_rank", scaled=1, as_of=TODAY)
    assert knowledge_of(enterprise, as_of=TODAY + dt.timedelta(62)).value("mfi_rank").value == 1
    assert knowledge_of(enterprise, as_of=TODAY + dt.timedelta(63)).value("mfi_rank") is None
    assert knowledge_of(enterprise, as_of=TODAY - dt.timedelta(1)).value("mfi_rank") is None


def test_latest_is_the_newest_year_not_after(enterprise):
    for year, scaled in ((2021, 100), (2022, 200), (2024, 300)):
        give_value(enterprise, "revenue", period=year, scaled=scaled)
    knowledge = knowledge_of(enterprise, as_of=TODAY)
    assert [knowledge.latest("revenue", year).value for year in (2025, 2024, 2023, 2021)] == [
        300,
        300,
        200,
        100,
    ]
    assert knowledge.latest("revenue", 2020) is None
    assert knowledge.latest("revenue_growth", 2025).period == 2022
    assert knowledge.value("revenue_growth", 2022).value == 100


def test_the_past_replays(enterprise):
    first = give_value(enterprise, "valid_patents", scaled=1, recorded_at=START)
    before = knowledge_of(enterprise, as_of=TODAY, known_at=START)
    give_value(enterprise, "valid_patents", scaled=2, recorded_at=START + dt.timedelta(1))
    assert knowledge_of(enterprise, as_of=TODAY, known_at=first.recorded_at).facts == before.facts
    assert knowledge_of(enterprise, as_of=TODAY).value("valid_patents").value == 2


def test_the_newest_record_of_a_certificate_counts_and_says_whether_it_is_held(enterprise):
    kind = CredentialKind.objects.get(key="high_tech")
    science = Department.objects.get(code="science")

    def record(certificate, **fields):
        Credential.objects.create(
            enterprise=enterprise,
            kind=kind,
            department=science,
            as_of=dt.date(2024, 1, 1),
            certificate=certificate,
            **fields,
        )

    record("GR1", valid_from=dt.date(2021, 1, 1), valid_to=dt.date(2023, 12, 31))
    record("GR2", valid_from=dt.date(2024, 1, 1), valid_to=dt.date(2026, 12, 31))
    records = {record.certificate: record for record in knowledge_of(enterprise, as_of=TODAY).credentials()}
    assert [record.held_on(TODAY) for record in records.values()] == [False, True]
    assert records["GR1"].held_on(dt.date(2023, 12, 31))
    assert not records["GR1"].held_on(dt.date(2024, 1, 1))
    assert records["GR2"].kind == "high_tech"
    assert records["GR2"].obtained == dt.date(2024, 1, 1)
    record("GR2", valid_from=dt.date(2024, 1, 1), revoked=True)
    records = {record.certificate: record for record in knowledge_of(enterprise, as_of=TODAY).credentials()}
    assert not records["GR2"].held_on(TODAY)
    assert knowledge_of(enterprise, as_of=dt.date(2023, 1, 1)).credentials() == ()


def test_two_queries_for_one_and_for_many(enterprise, django_assert_num_queries):
    load_catalogue()
    ids = [enterprise.pk, *(EnterpriseFactory().pk for _ in range(5))]
    with django_assert_num_queries(2):
        knowledge_of(enterprise, as_of=TODAY)
    with django_assert_num_queries(2):
        assert list(knowledge_of_many(ids, as_of=TODAY)) == ids


@pytest.mark.django_db
def test_the_catalogue_is_kept_until_something_changes(django_assert_num_queries):
    kept = load_catalogue()
    with django_assert_num_queries(1):
        assert load_catalogue() is kept
    Fact.objects.filter(key="revenue").update(label="营业总收入")
    assert load_catalogue()["revenue"].label == "营业总收入"
    assert load_catalogue().stamp > kept.stamp


def test_an_open_end_stands_for_ever():
    assert CredentialRecord("x").held_on(TODAY)


def test_values_are_append_only(enterprise):
    give_value(enterprise, "revenue", period=2024, scaled=1)
    with pytest.raises(TypeError, match="append-only"):
        FactValue.objects.update(scaled=2)


@pytest.mark.django_db
def test_knowledge_is_of_the_day_asked_whatever_the_days_of_its_values():
    enterprise = EnterpriseFactory()
    founded = dt.date(2020, 6, 15)
    give_value(enterprise, "established_on", scaled=founded.toordinal(), as_of=dt.date(2021, 6, 15))
    known = knowledge_of(enterprise, as_of=dt.date(2025, 6, 15))
    assert known.as_of == dt.date(2025, 6, 15)
    age = known.value("age_months")
    assert age is not None
    assert (age.value, age.as_of) == (60, dt.date(2021, 6, 15))
