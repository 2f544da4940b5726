"""Mailboxes and messages for tests."""

import factory
from factory.django import DjangoModelFactory

from portal.notifications.models import Mailbox, Message


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
