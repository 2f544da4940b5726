"""Who can sign in to the demo, and whose codes are told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.accounts.second_factor import current_totp_code, enable_totp
from portal.shell.demo.people import totp_secret
from tests.accounts.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def code_of(username: str) -> str:
    out = StringIO()
    call_command("totp_code", username, stdout=out)
    return out.getvalue().strip()


def test_the_code_of_a_demo_account_is_told():
    editor = StaffFactory(username="editor")
    enable_totp(editor, totp_secret("editor"))
    assert code_of("editor") == current_totp_code(editor)


@pytest.mark.parametrize("debug", [True, False])
def test_nobody_elses_code_is_told(settings, debug):
    settings.DEBUG = debug
    with pytest.raises(CommandError, match="demo's staff only"):
        code_of(StaffFactory(username="wang").username)
    StaffFactory(username="publisher")  # a real person of that name, with an authenticator of their own
    with pytest.raises(CommandError, match="of their own"):
        code_of("publisher")


def test_what_is_missing_is_said():
    with pytest.raises(CommandError, match="not loaded"):
        code_of("editor")
    UserFactory(username="editor")
    with pytest.raises(CommandError, match="no authenticator"):
        code_of("editor")


def test_production_tells_no_code(settings):
    settings.DEMO_ALLOWED = False
    enable_totp(StaffFactory(username="editor"), totp_secret("editor"))
    with pytest.raises(CommandError, match="production"):
        code_of("editor")
