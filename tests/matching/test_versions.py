"""A published version stands: in the code, and in the database whoever writes."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from matching.models import RuleVersion, Run
from matching.parse import RuleErrors
from matching.services import close, next_number, publish, retract, versions_in_force
from portal.kernel.errors import DomainError
from tests.matching.factories import RuleFactory, RuleVersionFactory, published

pytestmark = pytest.mark.django_db

NEW_YEAR = dt.date(2026, 1, 1)
JULY = dt.date(2026, 7, 1)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def refused(constraint: str, sql: str, *arguments: Any) -> None:
    """The statement, as the application role, breaks that constraint."""
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, arguments)
    assert caught.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_a_successor_closes_its_predecessor_on_the_day_it_begins() -> None:
    first = published()
    second = published(rule=first.rule, number=next_number(first.rule), valid=DateRange(JULY, None))
    first.refresh_from_db()
    assert (first.valid.lower, first.valid.upper) == (NEW_YEAR, JULY)
    assert first.closed_at is not None
    assert list(versions_in_force(JULY - dt.timedelta(days=1))) == [first]
    assert list(versions_in_force(JULY)) == [second]


def test_a_version_does_not_push_out_one_that_begins_no_earlier() -> None:
    first = published()
    second = RuleVersionFactory(rule=first.rule, number=2)
    with pytest.raises(DomainError, match="撤回") as caught:
        publish(second, by=None)
    assert caught.value.code == "period_taken"
    retract(first, by=None, reason="金额写错")
    publish(second, by=None)
    assert list(versions_in_force(JULY)) == [second]


def test_a_period_is_closed_once_and_never_lengthened() -> None:
    version = published(valid=DateRange(NEW_YEAR, JULY))
    with pytest.raises(DomainError):
        close(version, on=JULY + dt.timedelta(days=1))
    with pytest.raises(DomainError):
        close(version, on=NEW_YEAR)
    close(version, on=dt.date(2026, 3, 1))
    with pytest.raises(DomainError):
        close(version, on=dt.date(2026, 2, 1))


@pytest.mark.parametrize("valid", [None, DateRange(None, JULY), DateRange(JULY, JULY)])
def test_without_a_first_day_nothing_is_published(valid: DateRange | None) -> None:
    with pytest.raises(DomainError) as caught:
        publish(RuleVersionFactory(valid=valid), by=None)
    assert caught.value.code == "no_period"


def test_what_does_not_parse_is_not_published() -> None:
    version = RuleVersionFactory(conditions={"fact": "no_such_fact", "op": "=", "value": "1"})
    with pytest.raises(RuleErrors):
        publish(version, by=None)
    version.refresh_from_db()
    assert version.is_draft


def test_publishing_and_retracting_happen_once() -> None:
    version = published()
    with pytest.raises(DomainError):
        publish(version, by=None)
    with pytest.raises(DomainError) as caught:
        retract(version, by=None, reason="  ")
    assert caught.value.code == "no_reason"
    retract(version, by=None, reason="文件已废止")
    with pytest.raises(DomainError):
        retract(version, by=None, reason="再撤一次")
    with pytest.raises(DomainError):
        retract(RuleVersionFactory(), by=None, reason="草稿")


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("matching_version_published_stands", "conditions = '{}'"),
        ("matching_version_published_stands", "reference_year = 2020"),
        ("matching_version_published_stands", "published_at = NULL"),
        ("matching_version_published_stands", "published_at = published_at + interval '1 second'"),
        ("matching_version_published_stands", "rule_id = rule_id + 1"),
        ("matching_version_closed_once", "valid = daterange('2025-01-01', NULL)"),
        ("matching_version_closed_once", "valid = daterange('2026-01-01', '2026-02-01')"),
        ("matching_version_closed_once", "valid = 'empty', closed_at = now()"),
        ("matching_version_closed_once", "closed_at = now(), valid = daterange('2025-12-31', '2026-02-01')"),
    ],
)
def test_raw_sql_cannot_change_a_published_version(constraint: str, change: str) -> None:
    version = published()
    refused(constraint, f"UPDATE matching_ruleversion SET {change} WHERE id = %s", version.pk)


def test_raw_sql_cannot_take_back_a_retraction_or_a_closing() -> None:
    version = retract(published(), by=None, reason="文件已废止")
    undo = "UPDATE matching_ruleversion SET retracted_at = NULL, retraction_reason = '' WHERE id = %s"
    refused("matching_version_retracted_once", undo, version.pk)
    closed = close(published(), on=JULY)
    reopen = "UPDATE matching_ruleversion SET valid = daterange('2026-01-01', '2026-05-01') WHERE id = %s"
    refused("matching_version_closed_once", reopen, closed.pk)


def test_a_published_version_is_never_deleted() -> None:
    version = published()
    refused("matching_version_published_stays", "DELETE FROM matching_ruleversion WHERE id = %s", version.pk)
    with pytest.raises(ProtectedError):
        version.rule.delete()
    RuleVersionFactory().delete()


def insert(**fields: Any) -> None:
    with transaction.atomic():
        RuleVersionFactory(**fields)


def change(version: RuleVersion, **fields: Any) -> None:
    with transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(**fields)


def test_a_version_is_born_a_draft() -> None:
    refused(
        "matching_version_born_a_draft",
        "INSERT INTO matching_ruleversion (published_at) VALUES (now())",
    )


def test_two_standing_versions_never_share_a_day() -> None:
    first = published()
    second = RuleVersionFactory(rule=first.rule, number=2, valid=DateRange(JULY, None))
    with pytest.raises(IntegrityError, match="matching_version_periods_apart"):
        change(second, published_at=timezone.now())
    retract(first, by=None, reason="文件已废止")
    change(second, published_at=timezone.now())


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("matching_version_published_has_period", {"published_at": NOW, "valid": None}),
        ("matching_version_published_has_period", {"published_at": NOW, "valid": DateRange(JULY, JULY)}),
        ("matching_version_published_has_period", {"published_at": NOW, "valid": DateRange(None, JULY)}),
        ("matching_version_retraction_reasoned", {"retracted_at": NOW, "retraction_reason": "草稿"}),
        ("matching_version_retraction_reasoned", {"retraction_reason": "没有撤回"}),
        ("matching_version_closed_has_end", {"closed_at": NOW}),
        ("matching_version_number_positive", {"number": 0}),
    ],
)
def test_the_database_refuses_versions_that_make_no_sense(constraint: str, fields: dict[str, Any]) -> None:
    draft = RuleVersionFactory()
    with pytest.raises(IntegrityError, match=constraint):
        change(draft, **fields)


def test_numbers_of_a_rule_are_its_own() -> None:
    rule = RuleFactory()
    assert next_number(rule) == 1
    insert(rule=rule)
    assert next_number(rule) == 2
    with pytest.raises(IntegrityError, match="matching_version_number_once"):
        insert(rule=rule)


def test_a_run_cannot_be_put_into_a_wrong_state_by_hand() -> None:
    run = Run.objects.create(as_of=JULY, known_at=timezone.now())
    jump = "UPDATE matching_run SET state = 'done', started_at = now(), finished_at = now() WHERE id = %s"
    refused("matching_run_state_transitions", jump, run.pk)
    assert RuleVersion.objects.count() == 0
