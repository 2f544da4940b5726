"""What every room's tests stand on: servers, the database made and flushed by its owner, worker, browser.

Tests themselves run as the application role, so that what it may not do fails here and not in production.
"""

import gc
import os

import django

# Before anything of the portal is imported.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")

from tests import servers  # noqa: E402

# Before anything reads the settings: they want to know where the servers are.
servers.provide()
django.setup()

from collections.abc import Generator, Iterator  # noqa: E402
from contextlib import ExitStack  # noqa: E402

import pytest  # noqa: E402
from allauth.account.internal.flows.login import record_authentication  # noqa: E402
from django.contrib.auth.signals import user_logged_in  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.dispatch import receiver  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402

from portal.accounts.models import User  # noqa: E402
from portal.accounts.second_factor import has_second_factor  # noqa: E402
from tests import databases  # noqa: E402

# How fast a machine is says nothing of what is right: a busy one draws slowly and runs late.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")


@receiver(user_logged_in)
def show_second_factor(request: HttpRequest, user: User, **kwargs: object) -> None:
    """`force_login`, whose request has no path, shows the second factor of those who have one, too."""
    if not request.path and has_second_factor(user):
        record_authentication(request, user, "mfa", type="totp")


if "PYTEST_XDIST_WORKER" not in os.environ:
    call_command("compilemessages")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is read before the first test stays to the end: nobody looks there for garbage again and again."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    return collected


pytest_plugins = ["tests.workers", "tests.browsers", "tests.listeners", "tests.treasuries"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Each process works on a copy that has a name of its own (replaces pytest-django's fixture)."""


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Make the test database as its owner (replaces pytest-django's fixture of the same name)."""
    option = request.config.getoption
    process = getattr(request.config, "workerinput", None)
    if process:
        database = databases.copied(process["testrunuid"], process["workerid"])
    else:
        database = databases.made(option("verbose"), reuse=option("reuse_db"), create=option("create_db"))
    with django_db_blocker.unblock():
        stack = ExitStack()
        stack.enter_context(database)
    yield
    with django_db_blocker.unblock():
        stack.close()
