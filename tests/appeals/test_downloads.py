"""Files at the desk: handed out so that no browser runs them, and a lost one is simply not there."""

import pytest
from django.test import Client
from django.urls import reverse

from appeals.filing import attach
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import file, official
from tests.appeals.portal.pages import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def address_and_desk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    centre = DepartmentFactory()
    desk = Client()
    desk.force_login(official(Role.DISPATCHER, centre))
    kept = attach(file(), picture(), by=None)
    return reverse("desk_attachment", args=[centre.pk, kept.pk]), desk, kept


def test_the_desk_hands_a_file_out_in_a_sandbox(address_and_desk):
    address, desk, _kept = address_and_desk
    answer = desk.get(address)
    assert (answer.status_code, answer["X-Content-Type-Options"]) == (200, "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.close()


def test_a_lost_file_is_not_found(address_and_desk):
    address, desk, kept = address_and_desk
    kept.file.storage.delete(kept.file.name)
    assert desk.get(address).status_code == 404
