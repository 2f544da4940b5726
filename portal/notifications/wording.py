"""A message as channels carry it: short, with the full address of its page."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from portal.notifications.confirming import confirmation_url
from portal.notifications.models import Channel, Delivery, Message
from portal.notifications.topics import guarded
from portal.notifications.withholding import Say, told_of

MOST_BODY: Final = 400
"""Characters: with title and link it stays within the 2,048 bytes that WeCom's robots take."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out; `key` is the same at every try, so that a receiver can know a repetition."""

    title: str
    body: str
    link: str
    key: str

    @property
    def text(self) -> str:
        """Body and link, one below the other."""
        return "\n\n".join(part for part in (self.body, self.link) if part)


def compose(delivery: Delivery) -> Letter:
    """The letter of a delivery. Of a message that names its `outside`, nothing else leaves the portal.

    An empty one says that all of it may; of a guarded topic nothing may unless the sender said so.
    """
    key = f"delivery-{delivery.pk}"
    if delivery.message is None:
        return _test(delivery.channel, key)
    message: Message = delivery.message
    link = settings.PORTAL_URL + (message.url or "/messages/")
    outside = message.payload.get("outside")
    hushed = told_of(delivery) < Say.ALL and not outside
    if hushed or (outside is None and message.kind in guarded()):
        outside = _("请登录查看。")
    if outside:
        return Letter(_("垫小二：您有一条新消息"), str(outside), link, key)
    body = message.body if len(message.body) <= MOST_BODY else message.body[:MOST_BODY] + "……"
    return Letter(message.title, body, link, key)


def _test(channel: Channel, key: str) -> Letter:
    title = _("垫小二：通道测试")
    if channel.kind == Channel.Kind.MAIL and channel.confirmed_at is None:
        body = _(
            "有人把这个邮箱添加为垫小二的消息通道。是您本人的话，请登录后打开下面的链接确认；不是的话，不用理会。"
        )
        return Letter(title, body, settings.PORTAL_URL + confirmation_url(channel), key)
    return Letter(title, _("收到这条消息，说明通道已经可用。"), settings.PORTAL_URL, key)
