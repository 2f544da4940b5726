"""What tests of lending share."""

import pytest

from tests.enterprises.factories import actor_of


@pytest.fixture
def firm(client):
    actor = actor_of()
    client.force_login(actor.user)
    return actor
