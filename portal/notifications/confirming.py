"""A mail address is its owner's only when a letter sent there came back as a click.

A robot needs no click: whoever knows its token runs the group, and the first test that arrives confirms it.
"""

from datetime import timedelta
from typing import Final

from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.notifications.models import Channel

SALT: Final = "portal.notifications.confirming"
VALID: Final = timedelta(days=3)


def confirmation_url(channel: Channel) -> str:
    """The path of the page that confirms; it is of use to the channel's owner alone."""
    token = signing.dumps([channel.pk, channel.digest], salt=SALT)
    return reverse("notification_confirm", args=[token])


def asked(token: str, user: User) -> Channel | None:
    """The channel that the token is about: the user's own or one of a department they work in; else None."""
    try:
        pk, digest = signing.loads(token, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    theirs = Q(user=user) | Q(department__in={place for _role, place in user.roles})
    return Channel.objects.present().filter(theirs, pk=pk, digest=digest).first()


def confirm(channel: Channel) -> None:
    """From now on messages go there; safe to say twice."""
    Channel.objects.present().filter(pk=channel.pk, digest=channel.digest, confirmed_at=None).update(
        confirmed_at=timezone.now()
    )
