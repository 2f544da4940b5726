"""Changed enterprises are never missed, however transactions overlap."""

import pytest
from django.db import connection, connections, transaction

from enterprises import dirty
from enterprises.models import Enterprise
from tests.enterprises.factories import EnterpriseFactory, give_value

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
