"""Changed enterprises are never missed, however transactions overlap."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from enterprises import dirty
from enterprises.imports import create_import, merging, run_import
from enterprises.models import DirtyEnterprise, Enterprise
from enterprises.services import declare_fact
from tests.enterprises.factories import EnterpriseFactory, actor_of, give_value
from tests.enterprises.files import FACT_HEADER, HEADER, as_csv, firm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other_connection():
    other = connection.copy("default")
    yield other
    other.close()


def test_values_credentials_and_registry_changes_mark(db):
    enterprise, still = EnterpriseFactory(), EnterpriseFactory()
    seen = dirty.snapshot()
    assert dirty.changed_since(seen) == []
    give_value(enterprise, "revenue", period=2024, scaled=1)
    assert dirty.changed_since(seen) == [enterprise.pk]
    seen = dirty.snapshot()
    Enterprise.objects.filter(pk=still.pk).update(name="改名")
    assert dirty.changed_since(seen) == [still.pk]


def test_a_writer_that_began_before_and_commits_after_is_seen(other_connection):
    early, late = EnterpriseFactory(), EnterpriseFactory()
    seen = dirty.snapshot()
    with other_connection.cursor() as cursor:
        other_connection.set_autocommit(False)
        cursor.execute("UPDATE enterprises_enterprise SET name = '先写后交' WHERE id = %s", [early.pk])
        give_value(late, "revenue", period=2024, scaled=1)
        assert dirty.changed_since(seen) == [late.pk]
        seen = dirty.snapshot()
        other_connection.commit()
        other_connection.set_autocommit(True)
    assert dirty.changed_since(seen) == [early.pk]


def test_what_a_transaction_writes_itself_is_loaded_again_later():
    enterprise = EnterpriseFactory()
    with transaction.atomic():
        Enterprise.objects.filter(pk=enterprise.pk).update(name="一")
        seen = dirty.snapshot()
        Enterprise.objects.filter(pk=enterprise.pk).update(name="二")
    assert dirty.changed_since(seen) == [enterprise.pk]
    assert connections["default"].in_atomic_block is False


@pytest.fixture
def impatient():
    """This connection gives up after a moment of waiting for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        yield
        cursor.execute("RESET lock_timeout")


@contextlib.contextmanager
def merging_meanwhile(kind, rows, monkeypatch) -> Iterator[None]:
    """Within the block an import in another connection has merged its rows and not committed."""
    merged, go_on = threading.Event(), threading.Event()
    merge = merging.merge

    def merge_and_wait(*arguments):
        outcome = merge(*arguments)
        merged.set()
        assert go_on.wait(20)
        return outcome

    def take_in():
        try:
            return run_import(create_import(kind, "a.csv"), as_csv(rows))
        finally:
            connections.close_all()

    monkeypatch.setattr(merging, "merge", merge_and_wait)
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(take_in)
        try:
            assert merged.wait(20), work.result(0)
            yield
        finally:
            go_on.set()
        assert work.result(20).state == "done"


def test_a_member_declares_while_a_registry_is_being_merged(impatient, monkeypatch):
    actor, other = actor_of(), actor_of()
    rows = [HEADER, *(firm(uscc=one.enterprise.uscc, name="改名", industry="51") for one in (actor, other))]
    seen = dirty.snapshot()
    with merging_meanwhile("enterprises", rows, monkeypatch):
        declare_fact(other, "employees", 2024, "1")
        declare_fact(actor, "employees", 2024, "2")
        assert dirty.changed_since(seen) == [actor.enterprise.pk, other.enterprise.pk]
        seen = dirty.snapshot()
        assert dirty.changed_since(seen) == []
    assert dirty.changed_since(seen) == [actor.enterprise.pk, other.enterprise.pk]


def test_a_member_declares_while_facts_are_being_merged(impatient, monkeypatch):
    actor = actor_of()
    rows = [FACT_HEADER, [actor.enterprise.uscc, "revenue", "2024", "1"]]
    with merging_meanwhile("facts", rows, monkeypatch):
        assert declare_fact(actor, "employees", 2024, "2").pk


def test_two_who_write_in_opposite_order_do_not_block_each_other(impatient, other_connection):
    one, two = EnterpriseFactory(), EnterpriseFactory()
    value = (
        "INSERT INTO enterprises_factvalue (enterprise_id, fact_id, scaled, not_applicable, tier, as_of)"
        " SELECT %s, id, 1, false, 1, '2025-01-01' FROM enterprises_fact WHERE key = 'valid_patents'"
    )
    other_connection.set_autocommit(False)
    with other_connection.cursor() as theirs, transaction.atomic(), connection.cursor() as ours:
        theirs.execute("SET lock_timeout = '1s'")
        theirs.execute(value, [one.pk])
        ours.execute(value, [two.pk])
        theirs.execute(value, [two.pk])
        ours.execute(value, [one.pk])
        other_connection.commit()
        other_connection.set_autocommit(True)


def test_a_later_mark_takes_earlier_ones_away(impatient, other_connection):
    enterprise = EnterpriseFactory()
    marks = DirtyEnterprise.objects.filter(enterprise=enterprise)
    with other_connection.cursor() as cursor:
        other_connection.set_autocommit(False)
        cursor.execute("UPDATE enterprises_enterprise SET address = '一' WHERE id = %s", [enterprise.pk])
        give_value(enterprise, "revenue", period=2024, scaled=1)
        other_connection.commit()
        other_connection.set_autocommit(True)
    assert marks.count() == 2
    seen = dirty.snapshot()
    give_value(enterprise, "revenue", period=2024, scaled=2)
    assert marks.count() == 1
    assert dirty.changed_since(seen) == [enterprise.pk]


def test_a_write_that_is_rolled_back_leaves_the_marks_of_others():
    enterprise = EnterpriseFactory()
    seen = dirty.snapshot()
    give_value(enterprise, "revenue", period=2024, scaled=1)
    with transaction.atomic():
        give_value(enterprise, "revenue", period=2024, scaled=2)
        transaction.set_rollback(True)
    assert dirty.changed_since(seen) == [enterprise.pk]


def test_an_enterprise_that_is_deleted_has_changed():
    enterprise = EnterpriseFactory()
    seen = dirty.snapshot()
    pk = enterprise.pk
    enterprise.delete()
    assert dirty.changed_since(seen) == [pk]
