"""How a letter gets out: by Django's mail, or by a robot. Chat plugins are loaded at their first use only."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.sending import NotSent
from portal.notifications.addresses import Address, address_of
from portal.notifications.models import Channel
from portal.notifications.wording import Letter


def carry(channel: Channel, letter: Letter) -> None:
    """Send a letter through a channel. Raises NotSent with the reason."""
    try:
        address = address_of(channel)
    except DomainError as error:
        raise NotSent(str(error), hopeless=True) from error
    if channel.kind == Channel.Kind.MAIL:
        _mail(address, letter)
        return
    from portal.notifications.robots import carry as by_robot

    by_robot(channel.kind, address, letter)


def _mail(address: Address, letter: Letter) -> None:
    subject = " ".join(letter.title.split())
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {"Message-ID": f"<{letter.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    mail: Any = EmailMessage(subject, letter.text, to=[address.value], headers=headers)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _why in error.recipients.values()), default=0)
        raise NotSent(
            _("邮件服务器拒收这个地址（%(code)d）。") % {"code": code}, hopeless=code >= 500
        ) from error
    except smtplib.SMTPException as error:
        raise NotSent(_("邮件服务器未接受：%(why)s") % {"why": type(error).__name__}) from error
    except OSError as error:
        raise NotSent(_("连不上邮件服务器，稍后重试。")) from error
