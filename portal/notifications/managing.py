"""What people do with their own channels: add, choose topics, switch, remove."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.models import Department, User
from portal.kernel.errors import DomainError
from portal.notifications.addresses import Address, give
from portal.notifications.models import Channel, Preference, Topic
from portal.notifications.models.channels import MOST_CHANNELS
from portal.notifications.outgoing import send_test


def add_channel(user: User, kind: str, address: Address, label: str = "") -> Channel:
    """A channel to be confirmed; its test is queued at once. Raises DomainError for one too many or known."""
    made = Channel(kind=kind, user=user, label=label.strip())
    give(made, address)
    with transaction.atomic():
        check_room(user)
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError as error:
            raise DomainError(_("这个地址已经添加过。"), code="known") from error
        send_test(made)
    return made


def check_room(owner: User | Department) -> None:
    """Raises DomainError when the owner has as many channels as one may have.

    Within a transaction: holds the owner's row, or two at once would pass the limit.
    """
    owner._meta.model._base_manager.select_for_update(no_key=True).get(pk=owner.pk)
    if owner.channels.present().count() >= MOST_CHANNELS:
        raise DomainError(_("最多添加 %(most)d 个通道，请先移除不用的。") % {"most": MOST_CHANNELS})


def choose_topics(channel: Channel, wanted: Iterable[int]) -> None:
    """Say of every topic whether it goes to the channel; `wanted` are ids."""
    chosen = set(wanted)
    rows = [
        Preference(channel=channel, topic=topic, wanted=topic.pk in chosen) for topic in Topic.objects.all()
    ]
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["channel", "topic"], update_fields=["wanted"]
    )


def topics_of(channels: Iterable[Channel], topics: Iterable[Topic]) -> dict[int, list[int]]:
    """Ids of the topics that each channel carries, of those given; one query for any number."""
    channels = list(channels)
    rows = Preference.objects.filter(channel__in=channels).values_list("channel", "topic", "wanted")
    said = {(channel, topic): wanted for channel, topic, wanted in rows}
    return {
        one.pk: [topic.pk for topic in topics if said.get((one.pk, topic.pk), topic.outside)]
        for one in channels
    }
