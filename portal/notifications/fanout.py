"""From a message in a mailbox to the deliveries that carry it outside, in the same transaction.

A message goes to the channels of everybody who reads its mailbox; when its payload names a department
(`"department": id`), to that department's channels too, once however many colleagues are told.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.notifications.audience import readers_of
from portal.notifications.models import Channel, Delivery, Message, Preference, QuietHours, Topic
from portal.notifications.quiet import quiet_until
from portal.notifications.topics import OTHER

BELL: Final = "portal.notifications.tasks.ring_waiting"
Ways = dict[tuple[int | None, int | None], list[Channel]]
"""Channels by their owner: (user, None) or (None, department)."""


@dataclass(frozen=True)
class Rules:
    """What the county and the owners of some channels want, read at once."""

    topics: Mapping[str, Topic]
    wanted: Mapping[tuple[int, int], bool]
    hours: Mapping[int, QuietHours]

    @classmethod
    def of(cls, channels: Collection[Channel]) -> "Rules":
        """Three queries for any number of channels."""
        chosen = Preference.objects.filter(channel__in=channels).values_list("channel", "topic", "wanted")
        hours = QuietHours.objects.filter(user__in={one.user_id for one in channels if one.user_id})
        return cls(
            {topic.key: topic for topic in Topic.objects.all()},
            {(channel, topic): wanted for channel, topic, wanted in chosen},
            {one.user_id: one for one in hours},
        )

    def topic(self, kind: str) -> Topic:
        """The topic of a message's kind."""
        return self.topics.get(kind) or self.topics.get(OTHER) or Topic(key=OTHER)

    def wants(self, channel: Channel, kind: str) -> bool:
        """Whether messages of the kind go to the channel."""
        topic = self.topic(kind)
        return self.wanted.get((channel.pk, topic.pk), topic.outside)

    def due(self, channel: Channel, kind: str, now: dt.datetime) -> dt.datetime:
        """When a message of the kind may go there: now, or when the quiet hours end."""
        if self.topic(kind).breaks_through:
            return now
        starts, ends = settings.QUIET_HOURS
        if channel.user_id and (own := self.hours.get(channel.user_id)):
            if not own.active:
                return now
            starts, ends = own.starts, own.ends
        return quiet_until(timezone.localtime(now), starts, ends) or now


def fan_out(messages: Collection[int]) -> int:
    """Write the deliveries of messages (ids) just put into mailboxes; returns how many."""
    if not messages or not Channel.objects.working().exists():
        return 0
    rows = list(Message.objects.filter(pk__in=messages).only("mailbox_id", "key", "kind", "payload"))
    readers = readers_of({row.mailbox_id for row in rows})
    users = set().union(*readers.values())
    departments = {place for row in rows if (place := _department(row))}
    found = Channel.objects.working().filter(Q(user__in=users) | Q(department__in=departments))
    ways = _by_owner(found)
    if not ways:
        return 0
    rules, now = Rules.of(list(found)), timezone.now()
    deliveries = [
        Delivery(channel=channel, message=row, key=key, due_at=rules.due(channel, row.kind, now))
        for row in rows
        for channel, key in _ways(row, readers.get(row.mailbox_id, set()), ways)
        if rules.wants(channel, row.kind)
    ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=2_000)
    if deliveries:
        ring()
    return len(deliveries)


def _by_owner(channels: Iterable[Channel]) -> Ways:
    ways: Ways = defaultdict(list)
    for channel in channels:
        ways[channel.user_id, channel.department_id].append(channel)
    return ways


def _ways(message: Message, readers: Iterable[int], ways: Ways) -> Iterator[tuple[Channel, str]]:
    """The channels that a message goes to, each with the delivery's key."""
    for user in sorted(readers):
        for channel in ways.get((user, None), ()):
            yield channel, f"message:{message.pk}"
    if department := _department(message):
        for channel in ways.get((None, department), ()):
            yield channel, message.key


def _department(message: Message) -> int | None:
    named: Any = message.payload.get("department")
    return named if isinstance(named, int) else None


def ring() -> None:
    """Once committed, wake the sweeper: it knows what is due."""
    transaction.on_commit(partial(current_app.send_task, BELL, retry=False, ignore_result=True), robust=True)
