"""Messages: once in a mailbox, read by each for themselves, cheap in thousands."""

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.kernel.models import OutboxEntry
from portal.kernel.outbox import deliver, enqueue_many
from portal.notifications.models import Mailbox, Message, MessageRead
from portal.notifications.services import Draft, mark_read, send_message, send_messages, unread_count
from tests.accounts.factories import UserFactory
from tests.notifications.factories import MailboxFactory, MessageFactory

pytestmark = pytest.mark.django_db


def test_a_message_goes_through_the_outbox_into_the_mailbox():
    mailbox = MailboxFactory()
    send_message(
        mailbox,
        key="push:1",
        kind="policy",
        title="新政策",
        body="正文",
        url="/p/",
        payload={"n": 1},
    )
    assert not Message.objects.exists()
    assert deliver() == 1
    message = Message.objects.get()
    assert (message.mailbox, message.key, message.kind, message.title) == (
        mailbox,
        "push:1",
        "policy",
        "新政策",
    )
    assert (message.body, message.url, message.payload) == ("正文", "/p/", {"n": 1})
    assert message.created_at == OutboxEntry.objects.get().created_at


def test_the_same_key_is_one_message_per_mailbox():
    one, two = MailboxFactory(), MailboxFactory()
    drafts = [Draft(mailbox=box.pk, key="push:1", kind="policy", title="t") for box in (one, two, one)]
    assert send_messages(drafts) == 2
    assert send_messages(drafts) == 0
    deliver()
    assert Message.objects.count() == 2


def test_delivered_again_it_is_still_one_message():
    send_message(MailboxFactory(), key="k", kind="policy", title="t")
    deliver()
    OutboxEntry.objects.update(delivered_at=None)
    assert deliver() == 1
    assert Message.objects.count() == 1


def test_an_entry_of_another_writer_uses_its_own_key():
    mailbox = MailboxFactory()
    enqueue_many(
        "message", [(f"push:7:{mailbox.pk}", {"mailbox": mailbox.pk, "kind": "policy", "title": "t"})]
    )
    deliver()
    assert Message.objects.get().key == f"push:7:{mailbox.pk}"


def test_ten_thousand_messages_take_few_statements(django_assert_max_num_queries):
    boxes = Mailbox.objects.bulk_create([Mailbox(kind="enterprise") for _ in range(1_000)])
    drafts = [
        Draft(mailbox=box.pk, key=f"k{n}", kind="policy", title="t") for box in boxes for n in range(10)
    ]
    with django_assert_max_num_queries(66):
        assert send_messages(drafts) == 10_000
        while deliver():
            pass
    assert Message.objects.count() == 10_000


def test_a_message_to_nowhere_holds_up_no_other():
    mailbox = MailboxFactory()
    send_messages(
        [
            Draft(mailbox=mailbox.pk, key="good", kind="policy", title="t"),
            Draft(mailbox=0, key="lost", kind="policy", title="t"),
            Draft(mailbox=mailbox.pk, key="phish", kind="policy", title="t", url="https://example.com"),
            Draft(mailbox=mailbox.pk, key="long", kind="policy", title="t" * 201),
        ]
    )
    with transaction.atomic():
        deliver()
    assert list(Message.objects.values_list("key", flat=True)) == ["good"]
    assert OutboxEntry.objects.filter(delivered_at=None, attempts=1).exclude(error="").count() == 3


def test_colleagues_read_for_themselves_and_those_who_join_later_find_all(django_assert_num_queries):
    company, user, colleague = MailboxFactory(), UserFactory(), UserFactory()
    messages = MessageFactory.create_batch(3, mailbox=company)
    own = MessageFactory(mailbox=user.mailbox)
    MessageFactory()
    boxes = Mailbox.objects.filter(pk__in=[company.pk, user.mailbox.pk])
    with django_assert_num_queries(1):
        assert unread_count(boxes, user) == 4
    assert mark_read(messages[:2], user) == 2
    assert mark_read(messages[:2], user) == 0
    assert unread_count(boxes, user) == 2
    assert unread_count([company], colleague) == 3
    newest = Message.objects.within(boxes).with_is_read(user)
    assert [message.is_read for message in newest] == [False, False, True, True]
    assert newest[0] == own
    assert mark_read(Message.objects.within([company]), user) == 1
    assert unread_count([company], user) == 0


def test_a_user_has_a_mailbox_from_the_start_and_bulk_users_get_theirs():
    assert UserFactory().mailbox.kind == Mailbox.Kind.USER
    user = User.objects.bulk_create([User(username="bulk")])[0]
    assert Mailbox.for_user(user) == Mailbox.for_user(user)


def violated(constraint, make):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make()
    return refusal.value.__cause__.diag.constraint_name == constraint


def test_the_database_refuses_nonsense():
    message, user = MessageFactory(), UserFactory()
    again = {"mailbox": message.mailbox, "key": message.key}
    assert violated("notifications_message_once", lambda: MessageFactory(**again))
    assert violated("notifications_mailbox_owner", lambda: Mailbox.objects.create(kind="user"))
    assert violated("notifications_mailbox_owner", lambda: MailboxFactory(user=user))
    for url in ("//evil.example", "/\\evil.example", "javascript:alert(1)", "http://x"):
        assert violated("notifications_message_url_is_local", lambda url=url: MessageFactory(url=url))
    MessageFactory(url="/")
    MessageRead.objects.create(message=message, user=user)
    assert violated(
        "notifications_messageread_once", lambda: MessageRead.objects.create(message=message, user=user)
    )
