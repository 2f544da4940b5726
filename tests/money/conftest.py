"""A desk with its pages; a county that pays, and the two folders of the treasury, of this test alone."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.money.factories import Desk
from tests.money.many import released


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def visit(client):
    """Reads a page as somebody."""

    def read(user, address, status=200):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer.content.decode()

    return read


@pytest.fixture
def send(client):
    """Sends a form as somebody, and says what the page answered."""

    def post(user, address, status=302, **data):
        client.force_login(user)
        answer = client.post(address, data)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return client.get(answer.url).content.decode() if status == 302 else answer.content.decode()

    return post


@pytest.fixture
def county():
    """Who pays, since yesterday."""
    return Desk(appropriated_fen=10**13, at=timezone.now() - dt.timedelta(days=1))


@pytest.fixture
def file(county, inbox):
    """A released batch of three payments; its instruction is not delivered yet."""
    return released(county, 3)


@pytest.fixture
def outbox(settings, tmp_path):
    settings.TREASURY_OUTBOX = tmp_path / "instructions"
    settings.TREASURY_OUTBOX.mkdir()
    return settings.TREASURY_OUTBOX


@pytest.fixture
def inbox(settings, outbox, tmp_path):
    settings.TREASURY_INBOX = tmp_path / "returns"
    settings.TREASURY_INBOX.mkdir()
    return settings.TREASURY_INBOX
