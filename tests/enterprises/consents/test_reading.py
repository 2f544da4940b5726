"""What is handed out under a consent: that alone, while it is live, and written down."""

import dataclasses
import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from enterprises.consents import granting
from enterprises.consents.reading import Reader, read
from enterprises.knowledge import Known
from enterprises.models import ConsentReading, GranteeKind
from tests.accounts.factories import UserFactory
from tests.enterprises.consents.factories import FACTS, GranteeFactory, consent_of, reader_of
from tests.enterprises.factories import actor_of, give_value
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
DAY, INSTANT = dt.timedelta(days=1), dt.timedelta(microseconds=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def actor(db):
    """An enterprise of which more is known than it consents to."""
    acting = actor_of()
    for key, scaled in {"revenue": 5_000_000_00, "total_assets": 200, "total_liabilities": 90}.items():
        give_value(acting.enterprise, key, period=2025, scaled=scaled)
    give_value(acting.enterprise, "revenue", period=2024, scaled=4_000_000_00)
    give_value(acting.enterprise, "net_profit", period=2025, scaled=7)
    return acting


def test_what_was_consented_to_is_handed_out_and_nothing_else(actor, now):
    consent = consent_of(actor)
    found = read(consent.pk, reader_of(consent), at=now)
    assert set(found.values) == set(FACTS)
    assert {year: one.value for year, one in found.values["revenue"].items()} == {
        2025: 5_000_000_00,
        2024: 4_000_000_00,
    }
    assert found.latest("revenue").period == 2025
    assert found.latest("debt_ratio").value == 45
    assert found.values["tax_credit_grade"] == {}
    assert found.latest("tax_credit_grade") is None
    assert found.latest("net_profit") is None
    assert {row.key for row in found.rows} == {*FACTS, "credential-high_tech"}
    assert [row.value for row in found.rows if row.key == "credential-high_tech"] == [""]


def test_nothing_that_a_computed_fact_is_made_from_leaves_with_it(actor, now):
    consent = consent_of(actor, facts=("debt_ratio",), credentials=())
    found = read(consent.pk, reader_of(consent), at=now)
    words = repr(dataclasses.asdict(found) | {"consent": None, "reading": None})
    assert "total_assets" not in words
    assert found.latest("debt_ratio") == Known(
        found.latest("debt_ratio").value, 2025, *dataclasses.astuple(found.latest("debt_ratio"))[2:]
    )
    assert set(found.values) == {"debt_ratio"}


def test_who_read_what_when_and_why_is_written(actor, now):
    consent = consent_of(actor)
    reader = reader_of(consent)
    found = read(consent.pk, reader, at=now)
    written = ConsentReading.objects.get()
    assert written == found.reading
    assert (written.user, written.client, written.at, written.purpose) == (reader.user, "", now, "贷前调查")
    assert written.keys == {"facts": sorted(FACTS), "credentials": ["high_tech"]}
    assert written.reader == "李客户经理"


def test_a_system_reads_by_its_name(actor, now):
    consent = consent_of(actor)
    found = read(consent.pk, Reader(consent.grantee, client="信贷系统"), at=now)
    assert (found.reading.user, found.reading.reader) == (None, "信贷系统")


def test_what_became_known_since_is_seen(actor, now):
    consent = consent_of(actor)
    give_value(actor.enterprise, "tax_credit_grade", period=2025, text="A")
    assert read(consent.pk, reader_of(consent), at=now).latest("tax_credit_grade").value == "A"


def test_another_bank_reads_nothing(actor, now):
    consent = consent_of(actor)
    told("no_consent", lambda: read(consent.pk, Reader(GranteeFactory(), user=UserFactory()), at=now))
    told("no_consent", lambda: read(consent.pk + 1, reader_of(consent), at=now))
    assert not ConsentReading.objects.exists()


def test_nobody_reads_while_nobody_was_assigned(actor, now):
    consent, bank = consent_of(actor, GranteeKind.BANK), GranteeFactory()
    told("no_consent", lambda: read(consent.pk, Reader(bank, user=UserFactory()), at=now))
    granting.assign(consent, bank, at=now)
    assert read(consent.pk, Reader(bank, user=UserFactory()), at=now).values


def test_revoking_bites_on_the_very_next_read(actor, now):
    consent = consent_of(actor)
    reader = reader_of(consent)
    read(consent.pk, reader, at=now)
    granting.revoke(actor, consent, at=now)
    told("revoked", lambda: read(consent.pk, reader, at=now))
    assert ConsentReading.objects.count() == 1


def test_it_is_read_until_its_last_instant(actor, now):
    consent = consent_of(actor)
    reader = reader_of(consent)
    told("expired", lambda: read(consent.pk, reader, at=consent.until))
    told("expired", lambda: read(consent.pk, reader, at=consent.until + DAY))
    assert read(consent.pk, reader, at=consent.until - INSTANT).values


def test_not_before_it_was_given(actor, now):
    consent = consent_of(actor)
    told("not_yet", lambda: read(consent.pk, reader_of(consent), at=consent.given_at - INSTANT))


@pytest.mark.django_db(transaction=True)
def test_a_reading_cannot_be_part_of_what_may_be_undone(now):
    consent = consent_of()
    with pytest.raises(RuntimeError), transaction.atomic():
        read(consent.pk, reader_of(consent), at=now)
    assert not ConsentReading.objects.exists()


def test_a_reading_takes_few_queries(actor, now, django_assert_max_num_queries):
    consent = consent_of(actor)
    reader = reader_of(consent)
    read(consent.pk, reader, at=now)
    with django_assert_max_num_queries(7):
        read(consent.pk, reader, at=now)
