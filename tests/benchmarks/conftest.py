"""What benchmarks share; at the end of a session, what was measured is written down."""

import datetime as dt
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from enterprises.models import Enterprise
from portal.kernel.database import as_owner
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import analyze, write
from portal.shell.demo.population import draw
from tests.benchmarks import harness

COUNTY_SIZE = 65_085
"""As many enterprises as a county like Dianjiang has."""


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[int]]:
    """Ids of a whole county of enterprises, committed; benchmarks only read them."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            write(list(draw(COUNTY_SIZE, DEMO_SEED, DEMO_TODAY)), timezone.now())
        analyze()
        yield list(Enterprise.objects.order_by("pk").values_list("pk", flat=True))
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE enterprises_enterprise, notifications_mailbox CASCADE")


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo as ``make demo`` loads it, committed: its county, people and items in force."""
    with django_db_blocker.unblock():
        call_command("load_demo", stdout=StringIO())
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def today() -> dt.date:
    """The day judged."""
    return DEMO_TODAY


def pytest_sessionfinish(session: pytest.Session) -> None:
    if harness.measured:
        harness.save(harness.measured)
