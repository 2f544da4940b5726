"""An enterprise and its one member, signed in."""

import pytest

from tests.enterprises.factories import MembershipFactory


@pytest.fixture
def firm(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return MembershipFactory().enterprise


@pytest.fixture
def at_work(client, firm):
    client.force_login(firm.memberships.get().user)
    return client
