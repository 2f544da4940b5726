"""The drawn county: reproducible, well-formed, with nothing of tomorrow in it. No database."""

import datetime as dt
from collections import Counter

import pytest

from enterprises.catalogue import NOT_APPLICABLE, Kind, Scope
from enterprises.uscc import parse_uscc
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.firm import Firm
from portal.shell.demo.population import draw
from portal.shell.demo.scale import threshold_of
from portal.shell.demo.showcase import online_lessons, wheel_hubs
from tests.policies.reference import catalogue, load


@pytest.fixture(scope="module")
def firms() -> list[Firm]:
    return [wheel_hubs(DEMO_TODAY), online_lessons(DEMO_TODAY), *draw(1500, DEMO_SEED, DEMO_TODAY)]


def test_the_same_seed_and_day_draw_the_same_county() -> None:
    assert list(draw(60, 7, DEMO_TODAY)) == list(draw(60, 7, DEMO_TODAY))


def test_another_seed_draws_another_county() -> None:
    assert list(draw(60, 7, DEMO_TODAY)) != list(draw(60, 8, DEMO_TODAY))


def test_the_county_moves_with_its_day() -> None:
    later = dt.date(2028, 2, 29)
    periods = {given.period for firm in draw(60, 7, later) for given in firm.values} - {None}
    assert periods == {2024, 2025, 2026, 2027}


def test_credit_codes_are_well_formed_and_once_only(firms: list[Firm]) -> None:
    assert all(parse_uscc(firm.uscc).checked for firm in firms)
    assert len({firm.uscc for firm in firms}) == len({firm.name for firm in firms}) == len(firms)


def test_every_value_fits_its_fact(firms: list[Firm]) -> None:
    specs = catalogue()
    for firm in firms:
        for given in firm.values:
            spec = specs[given.fact]
            assert spec.scope is Scope.ENTERPRISE, given
            assert not spec.derived, given
            assert (given.period is not None) is spec.periodic, given
            if given.value is NOT_APPLICABLE:
                continue
            if spec.kind is Kind.CHOICE:
                assert given.value in spec.choice_values, given
            elif spec.kind is Kind.CHOICES:
                assert given.value <= set(spec.choice_values), given
            elif spec.kind is not Kind.CODE:
                spec.to_scaled(given.value)


def test_nothing_is_known_before_it_happened_or_after_today(firms: list[Firm]) -> None:
    for firm in firms:
        assert firm.established_on <= DEMO_TODAY
        for given in firm.values:
            assert firm.established_on <= given.as_of <= DEMO_TODAY, (firm.established_on, given)
            if given.period is not None:
                assert firm.established_on.year <= given.period < DEMO_TODAY.year, given
        for held in firm.certificates:
            assert held.first_obtained <= held.valid_from <= DEMO_TODAY, held


def test_one_source_says_one_thing_of_a_fact(firms: list[Firm]) -> None:
    for firm in firms:
        said = Counter((given.fact, given.period) for given in firm.values)
        assert set(said.values()) <= {1}, said.most_common(1)


def test_credentials_are_of_known_kinds_and_varied(firms: list[Firm]) -> None:
    kinds = {kind["key"] for kind in load("credential_kinds")}
    held = {certificate.kind for firm in firms for certificate in firm.certificates}
    assert held <= kinds
    assert len(held) >= 8


def test_there_are_gaps_and_all_tiers(firms: list[Firm]) -> None:
    companies = [firm for firm in firms if firm.entity_type == "company"]
    without = sum(all(given.fact != "total_assets" for given in firm.values) for firm in companies)
    assert 0 < without < len(companies)
    assert {given.tier for firm in firms for given in firm.values} == {1, 2, 3}


def test_the_county_is_mostly_small() -> None:
    types = Counter(firm.entity_type for firm in draw(1500, DEMO_SEED, DEMO_TODAY))
    assert types["individual"] > types["company"] > types["cooperative"] > types["family_farm"] > 0


@pytest.mark.parametrize(
    ("industry", "found"),
    [
        ("3670", ("industry", 2000)),
        ("5135", ("wholesale_retail", 2000)),
        ("5211", ("wholesale_retail", 500)),
        ("6210", ("catering", 200)),
        ("7020", ("service", 1000)),
        ("7010", ("real_estate", 0)),
        ("8412", ("service", 2000)),
        ("8391", ("service", 1000)),
        ("0151", None),
        ("6621", None),
    ],
)
def test_thresholds_of_the_statistics(industry: str, found: tuple[str, float] | None) -> None:
    assert threshold_of(industry) == found
