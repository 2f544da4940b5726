"""After a change of the key: all that is sealed goes under the newest one, in batches, nothing is lost."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.kernel.sealing import seal
from portal.notifications.addresses import address_of
from portal.notifications.models import Channel, Webhook
from tests.accounts.factories import UserFactory
from tests.notifications.factories import channel, webhook

pytestmark = pytest.mark.django_db
NEW = "another key, longer than the first"


def reseal(**options):
    said = StringIO()
    call_command("reseal", stdout=said, stderr=said, **options)
    return said.getvalue().splitlines()


@pytest.fixture
def old(settings):
    """The key of before, with which the rows of the test are made; `new_key` changes it."""
    return settings.SECRET_KEY


@pytest.fixture
def new_key(settings, old):
    def change():
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old]

    return change


def test_everything_opens_without_the_old_key_afterwards(settings, new_key):
    user = UserFactory()
    made = [channel(user, address=f"a{n}@example.com") for n in range(5)]
    hook = webhook()
    secret, gone = hook.secret, channel(user, address="gone@example.com")
    gone.remove()
    new_key()
    assert reseal(batch=2) == [
        "notifications.Channel: 5 re-sealed, 0 lay under the newest key.",
        "notifications.Webhook: 1 re-sealed, 0 lay under the newest key.",
    ]
    settings.SECRET_KEY_FALLBACKS = []
    opened = {address_of(each).value for each in Channel.objects.present()}
    assert opened == {f"a{n}@example.com" for n in range(len(made))}
    assert Webhook.objects.get().secret == secret
    before = list(Channel.objects.order_by("pk").values_list("sealed", "digest"))
    assert reseal()[0] == "notifications.Channel: 0 re-sealed, 5 lay under the newest key."
    assert list(Channel.objects.order_by("pk").values_list("sealed", "digest")) == before


def test_the_same_address_is_known_again_afterwards(new_key):
    made = channel()
    new_key()
    reseal()
    made.refresh_from_db()
    assert made.digest == channel(UserFactory(), address="zhang@example.com").digest


def test_one_broken_off_goes_on_where_it_stopped(new_key, monkeypatch):
    user = UserFactory()
    for n in range(5):
        channel(user, address=f"a{n}@example.com")
    new_key()
    plain, seen = Channel.resealed, []

    def until_the_fourth(self):
        seen.append(self.pk)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return plain(self)

    monkeypatch.setattr(Channel, "resealed", until_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        reseal(batch=2)
    monkeypatch.setattr(Channel, "resealed", plain)
    assert reseal()[0] == "notifications.Channel: 3 re-sealed, 2 lay under the newest key."


def test_an_address_typed_in_again_meanwhile_is_no_obstacle(settings, new_key):
    made = channel()
    new_key()
    again = channel(made.user)
    assert reseal()[0] == "notifications.Channel: 1 re-sealed, 1 lay under the newest key."
    settings.SECRET_KEY_FALLBACKS = []
    made.refresh_from_db()
    assert address_of(made) == address_of(again)


def test_what_no_key_opens_is_named_and_the_rest_done(settings, new_key):
    lost, kept = channel(), channel(address="kept@example.com")
    settings.SECRET_KEY = "forgotten"
    Channel.objects.filter(pk=lost.pk).update(sealed=seal("x"))
    new_key()
    said = StringIO()
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        call_command("reseal", stdout=said, stderr=said)
    assert f"notifications.Channel: no key opens 1: {lost.pk}" in said.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    kept.refresh_from_db()
    assert address_of(kept).value == "kept@example.com"


def test_a_batch_of_none_is_refused():
    with pytest.raises(CommandError, match="1 or more"):
        reseal(batch=0)
