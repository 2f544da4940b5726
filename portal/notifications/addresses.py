"""What people paste as an address, taken apart and checked; nothing here is called, only kept."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.notifications.models import Channel

ROBOTS: Final = {
    Channel.Kind.DINGTALK: ("oapi.dingtalk.com", "access_token", re.compile(r"[A-Za-z0-9]{16,128}")),
    Channel.Kind.WECOM: ("qyapi.weixin.qq.com", "key", re.compile(r"[A-Za-z0-9_-]{16,64}")),
}
"""Host of a robot's address, name of its token there, form of the token."""
SECRET: Final = re.compile(r"[A-Za-z0-9]{16,128}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a channel leads: a mail address, or a robot's token with DingTalk's signing secret."""

    value: str
    secret: str = ""

    def dump(self) -> str:
        """As it is sealed."""
        return json.dumps([self.value, self.secret])

    @classmethod
    def load(cls, text: str) -> "Address":
        """What `dump` gave."""
        value, secret = json.loads(text)
        return cls(value, secret)

    @property
    def identity(self) -> str:
        """What tells it from others."""
        return self.value.casefold()

    @property
    def hint(self) -> str:
        """Enough to know it again, too little to use it."""
        name, at, domain = self.value.partition("@")
        return f"{name[:2]}***@{domain}" if at else f"…{self.value[-4:]}"


def parse(kind: str, text: str, secret: str = "") -> Address:
    """What was typed or pasted for a channel of the kind. Raises DomainError that says what is wanted."""
    text, secret = text.strip(), secret.strip()
    if kind == Channel.Kind.MAIL:
        try:
            validate_email(text)
        except ValidationError as error:
            raise DomainError(_("请填写完整的邮箱地址，如 zhang@example.com。"), code="address") from error
        return Address(text)
    host, name, form = ROBOTS[Channel.Kind(kind)]
    token = _token(text, host, name)
    if not form.fullmatch(token):
        wanted = f"https://{host}/…?{name}=…"
        raise DomainError(
            _("请粘贴群机器人的 Webhook 地址，形如 %(form)s") % {"form": wanted}, code="address"
        )
    if secret and not (kind == Channel.Kind.DINGTALK and SECRET.fullmatch(secret)):
        raise DomainError(_("加签密钥只用于钉钉，以 SEC 开头，请从机器人的安全设置中复制。"), code="secret")
    return Address(token, secret)


def give(channel: Channel, address: Address) -> None:
    """Put the address into the channel (unsaved), sealed."""
    channel.keep(address.dump(), address.hint, address.identity)


def address_of(channel: Channel) -> Address:
    """The channel's address in clear. Raises DomainError when it cannot be opened."""
    return Address.load(channel.address)


def _token(text: str, host: str, name: str) -> str:
    """The token of a robot's address; the text itself when it is no address."""
    if "/" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    query: dict[str, Any] = parse_qs(parts.query)
    return query.get(name, [""])[0] if (parts.scheme, parts.netloc) == ("https", host) else ""
