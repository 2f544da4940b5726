"""The two database roles."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase

from enterprises.services import load_catalogue
from portal.kernel.database import as_owner, grant_application_role
from portal.notifications.models import Topic
from tests.databases import needs_two_roles, put_back


def current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_as_owner_switches_and_returns() -> None:
    application = settings.DATABASES["default"]["USER"]
    owner = settings.DATABASE_OWNER["USER"]
    assert current_user() == application
    with as_owner():
        assert current_user() == owner
        with as_owner():
            assert current_user() == owner
        assert current_user() == owner
    assert current_user() == application


@pytest.mark.django_db(transaction=True)
def test_returns_to_the_application_role_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), as_owner():
        raise ZeroDivisionError
    assert current_user() == settings.DATABASES["default"]["USER"]


@needs_two_roles
@pytest.mark.django_db(transaction=True)
def test_the_role_does_not_change_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic(), as_owner():
        pass


@needs_two_roles
@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["TRUNCATE accounts_user CASCADE", "CREATE TABLE mine (id int)"])
def test_the_application_role_owns_nothing(statement: str) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_flush_runs_as_the_owner(django_user_model) -> None:
    django_user_model.objects.create_user("someone")
    call_command("flush", interactive=False, verbosity=0)
    assert not django_user_model.objects.exists()
    assert current_user() == settings.DATABASES["default"]["USER"]


@pytest.mark.django_db(transaction=True)
def test_what_a_test_leaves_is_put_back(django_user_model) -> None:
    if TransactionTestCase._fixture_teardown is not put_back:
        pytest.skip("this server lets the owner only flush")
    topics = list(Topic.objects.order_by("pk").values())
    someone, before = django_user_model.objects.create_user("someone"), load_catalogue().stamp
    Topic.objects.filter(pk=topics[0]["id"]).update(label="changed")
    Topic.objects.exclude(pk=topics[0]["id"]).delete()
    put_back(TransactionTestCase())
    assert not django_user_model.objects.filter(pk=someone.pk).exists()
    assert list(Topic.objects.order_by("pk").values()) == topics
    with pytest.raises(IntegrityError), transaction.atomic():  # keys are watched again
        Topic.objects.create(**topics[0])
    assert load_catalogue().stamp > before, "what processes have read by the old stamp is read anew"


@needs_two_roles
@pytest.mark.django_db(transaction=True)
def test_append_only_tables_are_read_and_added_to(monkeypatch, django_user_model) -> None:
    from django.apps import apps
    from django.db import ProgrammingError

    monkeypatch.setattr(django_user_model, "append_only", True, raising=False)
    kernel = apps.get_app_config("kernel")
    user = django_user_model.objects.create_user("someone")
    try:
        grant_application_role(kernel, plan=[])
        django_user_model.objects.create_user("another")
        for refused in (django_user_model.objects.update, django_user_model.objects.all().delete):
            with pytest.raises(ProgrammingError, match="permission denied"):
                refused(is_active=False) if refused.__name__ == "update" else refused()
    finally:
        monkeypatch.undo()
        grant_application_role(kernel, plan=[])
    django_user_model.objects.filter(pk=user.pk).update(is_active=False)
