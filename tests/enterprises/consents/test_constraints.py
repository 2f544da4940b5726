"""What the database holds of consents against raw SQL of the application role: each guard by its name."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from enterprises.consents import granting
from enterprises.models import (
    Consent,
    ConsentCredential,
    ConsentFact,
    ConsentNotice,
    ConsentReading,
    CredentialKind,
    Fact,
    GranteeKind,
)
from tests.accounts.factories import UserFactory
from tests.databases import needs_two_roles
from tests.enterprises.consents.factories import GranteeFactory, consent_of
from tests.enterprises.factories import actor_of
from tests.money.refusing import denied, refused
from tests.races import behind
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def consent(**changed):
    return consent_of(**changed)


def open_consent():
    return consent_of(grantee=GranteeKind.BANK)


def revoked():
    actor = actor_of()
    given = consent_of(actor)
    granting.revoke(actor, given, at=timezone.now())
    return given


def reading(given, **values):
    row = {"consent": given, "client": "某银行信贷系统", "at": timezone.now(), "keys": {"facts": ["revenue"]}}
    return ConsentReading.objects.create(**row | values)


def ended():
    """It was given long ago, and by what the clock of the server says it is over."""
    return consent_of(at=timezone.now() - 40 * DAY)


def ending(row, **values):
    change(row, **{"revoked_at": timezone.now(), "revoked_by_id": row.given_by_id} | values)


def without_anything():
    copy(consent(), number="XXSQ-1")
    connection.check_constraints()


def two_notices():
    row = consent()
    for _each in range(2):
        ConsentNotice.objects.create(consent=row, kind="soon", at=timezone.now())


CASES = [
    ("enterprises_grantee_kind", lambda: GranteeFactory(kind="person")),
    ("enterprises_grantee_named", lambda: GranteeFactory(name="")),
    ("enterprises_grantee_uscc", lambda: GranteeFactory(uscc="91500231ma60000168")),
    ("enterprises_grantee_uscc_key", lambda: copy(GranteeFactory())),
    ("enterprises_consent_number_key", lambda: copy(consent())),
    ("enterprises_consent_purpose", lambda: copy(consent(), number="1", purpose="")),
    ("enterprises_consent_ahead", lambda: (lambda row: copy(row, number="1", until=row.given_at))(consent())),
    (
        "enterprises_consent_span",
        lambda: (lambda row: copy(row, number="1", until=row.given_at + 1097 * DAY))(consent()),
    ),
    ("enterprises_consent_grantee", lambda: copy(consent(), number="1", grantee_id=None)),
    ("enterprises_consent_grantee", lambda: copy(consent(), number="1", open_to="bank")),
    ("enterprises_consent_grantee", lambda: copy(open_consent(), number="1", open_to="person")),
    ("enterprises_consent_grantee", lambda: change(open_consent(), grantee_id=GranteeFactory().pk)),
    ("enterprises_consent_revoked", lambda: change(consent(), revoked_at=timezone.now())),
    ("enterprises_consent_revoked", lambda: change(consent(), revoke_reason="不办了")),
    ("enterprises_consent_revoked", lambda: change(consent(), revoked_by_id=UserFactory().pk)),
    ("enterprises_consent_revoked", lambda: ending(ended())),
    (
        "enterprises_consent_revoked",
        lambda: (lambda row: ending(row, revoked_at=row.given_at - HOUR))(consent()),
    ),
    ("enterprises_consent_digest", lambda: copy(consent(), number="1", digest="")),
    (
        "enterprises_consent_begins",
        lambda: (lambda row: copy(row, number="1", revoked_at=timezone.now(), revoked_by_id=row.given_by_id))(
            consent()
        ),
    ),
    ("enterprises_consent_stands", lambda: (lambda row: change(row, until=row.until + DAY))(consent())),
    ("enterprises_consent_stands", lambda: change(consent(), purpose="别的用途")),
    ("enterprises_consent_stands", lambda: change(consent(), enterprise_id=actor_of().enterprise.pk)),
    ("enterprises_consent_stands", lambda: change(consent(), content=json.dumps({}))),
    ("enterprises_consent_stands", lambda: delete(consent())),
    ("enterprises_consent_ends_once", lambda: ending(revoked(), revoked_at=timezone.now())),
    (
        "enterprises_consent_ends_once",
        lambda: change(revoked(), revoked_at=None, revoked_by_id=None, revoke_reason=""),
    ),
    ("enterprises_consent_to_one", lambda: change(consent(), grantee_id=GranteeFactory().pk)),
    (
        "enterprises_consent_to_one",
        lambda: change(
            open_consent(), grantee_id=GranteeFactory(kind="provider").pk, assigned_at=timezone.now()
        ),
    ),
    ("enterprises_consent_something", without_anything),
    (
        "enterprises_consentfact_once",
        lambda: ConsentFact.objects.create(consent=consent(), fact=Fact.objects.get(key="revenue")),
    ),
    (
        "enterprises_consentcredential_once",
        lambda: ConsentCredential.objects.create(
            consent=consent(), kind=CredentialKind.objects.get(key="high_tech")
        ),
    ),
    ("enterprises_consentnotice_once", two_notices),
    ("enterprises_consentreading_reader", lambda: reading(consent(), client="")),
    ("enterprises_consentreading_reader", lambda: reading(consent(), user=UserFactory())),
    ("enterprises_consentreading_live", lambda: reading(revoked())),
    ("enterprises_consentreading_live", lambda: reading(revoked(), at=timezone.now() - HOUR)),
    ("enterprises_consentreading_live", lambda: reading(ended())),
    ("enterprises_consentreading_live", lambda: reading(ended(), at=timezone.now() - 20 * DAY)),
    ("enterprises_consentreading_live", lambda: reading(open_consent())),
    ("enterprises_consentreading_live", lambda: (lambda row: reading(row, at=row.until))(consent())),
    (
        "enterprises_consentreading_live",
        lambda: (lambda row: reading(row, at=row.given_at - HOUR))(consent()),
    ),
    ("enterprises_consentreading_within", lambda: reading(consent(), keys={"facts": ["total_assets"]})),
    (
        "enterprises_consentreading_within",
        lambda: reading(consent(), keys={"facts": [], "credentials": ["tech_sme"]}),
    ),
]


@pytest.mark.parametrize(
    ("constraint", "provoke"), CASES, ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)


def test_up_to_its_last_instant_something_is_read():
    row = consent()
    reading(row, at=row.until - dt.timedelta(microseconds=1))
    reading(row, at=row.given_at)
    assert row.readings.count() == 2


@pytest.mark.parametrize("model", [ConsentFact, ConsentCredential])
@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_a_consent_that_was_given(model):
    given = consent_of(facts=("revenue",), credentials=())
    column, value = ("fact", Fact.objects.get(key="total_assets")), CredentialKind.objects.get(key="tech_sme")
    row = {"consent": given, **({"kind": value} if model is ConsentCredential else dict([column]))}
    refused(f"{model._meta.db_table}_given", lambda: model.objects.create(**row))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        claimed = cursor.fetchone()[0]
        refused("enterprises_consent_stands", lambda: change(given, granted_in=claimed))


@pytest.mark.django_db(transaction=True)
def test_a_consent_about_nothing_is_not_committed():
    given = consent()
    with pytest.raises(IntegrityError) as refusal:
        copy(given, number="1")
    assert refusal.value.__cause__.diag.constraint_name == "enterprises_consent_something"
    assert Consent.objects.get() == given


@pytest.mark.django_db(transaction=True)
def test_a_reading_by_raw_sql_waits_for_a_revocation_and_is_refused():
    given = consent()
    failure = behind(lambda: ending(given), lambda: reading(given))
    assert failure.__cause__.diag.constraint_name == "enterprises_consentreading_live"
    assert not ConsentReading.objects.exists()


@needs_two_roles
@pytest.mark.parametrize("model", [ConsentFact, ConsentCredential, ConsentReading, ConsentNotice])
def test_what_is_written_stands(model):
    given = consent()
    reading(given)
    ConsentNotice.objects.create(consent=given, kind="soon", at=timezone.now())
    row = model.objects.first()
    denied(lambda: delete(row))
    denied(lambda: change(row, consent_id=given.pk))
