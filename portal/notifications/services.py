"""Sending messages through the outbox, delivering them, counting and reading them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from portal.accounts.models import User
from portal.kernel.outbox import OutboxEntry, enqueue_many, handler
from portal.notifications.fanout import fan_out
from portal.notifications.models import Mailbox, Mailboxes, Message, MessageQuerySet, MessageRead

TOPIC = "message"
_hushed: ContextVar[bool] = ContextVar("hushed", default=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent: `mailbox` is an id, `url` a path of this site, `key` unique in the mailbox.

    Of the payload, `department` (an id) also tells that department's channels; `outside` is the one sentence
    that channels carry instead of title and body when these are for signed-in eyes only ("": they are not).
    """

    mailbox: int
    key: str
    kind: str
    title: str
    body: str = ""
    url: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def hushed() -> Iterator[None]:
    """Within it nobody is told anything: for what is written down long after it happened."""
    token = _hushed.set(True)
    try:
        yield
    finally:
        _hushed.reset(token)


def send_message(mailbox: Mailbox | int, **fields: Any) -> bool:
    """Put one message into the outbox (`fields` as in `Draft`); False when its key was sent before."""
    pk = mailbox.pk if isinstance(mailbox, Mailbox) else mailbox
    return send_messages([Draft(mailbox=pk, **fields)]) == 1


def send_messages(drafts: Iterable[Draft], *, after: timedelta | None = None) -> int:
    """Put many into the outbox, few statements for any number; returns how many were not sent before.

    They are delivered when `after` has passed, until which `outbox.take_back` still reaches them.
    """
    if _hushed.get():
        return 0
    entries = ((outbox_key(draft.mailbox, draft.key), asdict(draft)) for draft in drafts)
    return enqueue_many(TOPIC, entries, after=after)


def outbox_key(mailbox: int, key: str) -> str:
    """The key in the outbox of a message to a mailbox (an id)."""
    return f"message:{mailbox}:{key}"


@handler(TOPIC)
def deliver_messages(entries: Sequence[OutboxEntry]) -> None:
    """Write the entries into their mailboxes in one statement; what is there already stays as it is.

    What is new is handed on to the channels of those who read it, in the same transaction. Payload: mailbox
    (id), kind, title, and maybe body, url, payload, key (default: the entry's key).
    Raises IntegrityError for a mailbox that does not exist or a url of another site.
    """
    quote = connection.ops.quote_name
    statement = f"""
        INSERT INTO {quote(Message._meta.db_table)}
            (mailbox_id, key, kind, title, body, url, created_at, payload)
        SELECT (payload->>'mailbox')::bigint, COALESCE(payload->>'key', key), payload->>'kind',
            payload->>'title', COALESCE(payload->>'body', ''), COALESCE(payload->>'url', ''),
            created_at, COALESCE(payload->'payload', '{{}}'::jsonb)
        FROM {quote(OutboxEntry._meta.db_table)} WHERE id = ANY(%s) ORDER BY id
        ON CONFLICT (mailbox_id, key) DO NOTHING RETURNING id
    """  # noqa: S608 - the tables' own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [[entry.pk for entry in entries]])
        written = [row[0] for row in cursor.fetchall()]
    fan_out(written)


def unread_count(mailboxes: Mailboxes, user: User) -> int:
    """How many messages of the mailboxes the user has not read: one query when given a queryset or list."""
    return Message.objects.within(mailboxes).unread_by(user).count()


def mark_read(messages: MessageQuerySet | Iterable[Message], user: User) -> int:
    """The user has read these; safe to say twice. Returns how many were unread."""
    if not isinstance(messages, MessageQuerySet):
        messages = Message.objects.filter(pk__in=[message.pk for message in messages])
    unread = messages.unread_by(user).values_list("pk", flat=True)
    reads = [MessageRead(message_id=pk, user=user) for pk in unread]
    MessageRead.objects.bulk_create(reads, ignore_conflicts=True, batch_size=2_000)
    return len(reads)
