"""Mailboxes and messages for tests."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from appeals.hooks import EVENTS
from portal.notifications.addresses import give, parse
from portal.notifications.models import AllowedHost, Channel, Delivery, Mailbox, Message, Webhook
from portal.notifications.signing import new_secret
from tests.accounts.factories import UserFactory


class MailboxFactory(DjangoModelFactory):
    """A mailbox of an enterprise; a user's comes with the user."""

    class Meta:
        model = Mailbox

    kind = Mailbox.Kind.ENTERPRISE


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    mailbox = factory.SubFactory(MailboxFactory)
    key = factory.Sequence(lambda n: f"message{n}")
    kind = "policy"
    title = "有一项政策适合贵企业"


def channel(user=None, *, kind="mail", address="zhang@example.com", secret="", confirmed=True, **fields):
    """A channel of a user (or a `department`), confirmed unless told otherwise."""
    if user is None and "department" not in fields:
        user = UserFactory()
    made = Channel(kind=kind, user=user, **fields)
    give(made, parse(kind, address, secret))
    made.confirmed_at = timezone.now() if confirmed else None
    made.save()
    return made


def notified():
    """A message on its way through a channel."""
    made = channel()
    message = MessageFactory(mailbox=made.user.mailbox)
    return Delivery.objects.create(channel=made, message=message, key=f"message:{message.pk}")


def webhook(host="hooks.example.com", port=443, **fields):
    """A webhook that is told of everything about appeals and of pings."""
    allowed, _made = AllowedHost.objects.get_or_create(host=host, port=port, defaults={"reason": "测试"})
    topics = fields.pop("topics", ["ping", *EVENTS])
    made = Webhook(name=fields.pop("name", host), host=allowed, path="/in", topics=topics, **fields)
    made.secret = new_secret()
    made.save()
    return made
