"""Messages of consents, to both sides: the enterprise, and the people of whoever was let know."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from enterprises.consents.hooks import told_of
from enterprises.consents.wording import end, whom
from enterprises.models import Consent
from portal.kernel.language import in_language_of_record
from portal.notifications.services import Draft, send_messages

KIND: Final = "consent"


@in_language_of_record()
def tell_given(consent: Consent) -> None:
    """A consent has been given, or has found its grantee."""
    said = {**_said(consent), "day": end(consent.until)}
    _tell_firm(
        consent,
        "given",
        _("已授权%(grantee)s查阅数据") % said,
        _("用途：%(purpose)s。有效至 %(day)s，可随时撤回；对方每次查阅都会记录在授权页上。") % said,
    )
    _tell_grantee(consent, "given", _("%(firm)s授权贵单位查阅数据，有效至 %(day)s") % said)


@in_language_of_record()
def tell_revoked(consent: Consent) -> None:
    """It has been revoked; the reason is the enterprise's own words for the other side."""
    said = _said(consent)
    reason = _("原因：%(reason)s") % {"reason": consent.revoke_reason} if consent.revoke_reason else ""
    _tell_firm(
        consent,
        "revoked",
        _("已撤回对%(grantee)s的数据授权") % said,
        _("即刻生效，对方不能再查阅。") + reason,
    )
    _tell_grantee(consent, "revoked", _("%(firm)s撤回了数据授权，即刻不能再查阅") % said, reason)


@in_language_of_record()
def tell_closed(consent: Consent) -> None:
    """It has ended because what it was for is over."""
    body = _("%(reason)s。授权随之停止，对方不能再查阅。") % {"reason": consent.revoke_reason.rstrip("。")}
    _tell_firm(consent, "closed", _("对%(grantee)s的数据授权已停止") % _said(consent), body)


@in_language_of_record()
def tell_soon(consent: Consent) -> None:
    """It ends before long."""
    said = {**_said(consent), "day": end(consent.until)}
    body = _("如事项还没有办完，到期后请重新授权；不用处理的，到期自动停止。")
    _tell_firm(consent, "soon", _("对%(grantee)s的数据授权 %(day)s 到期") % said, body)
    _tell_grantee(consent, "soon", _("%(firm)s的数据授权 %(day)s 到期，到期后不能再查阅") % said)


@in_language_of_record()
def tell_ended(consent: Consent) -> None:
    """It has ended by itself."""
    said = _said(consent)
    body = _("对方不能再查阅。事项还没有办完的，可以重新授权。")
    _tell_firm(consent, "ended", _("对%(grantee)s的数据授权已到期") % said, body)
    _tell_grantee(consent, "ended", _("%(firm)s的数据授权已到期，不能再查阅") % said)


def _tell_firm(consent: Consent, event: str, title: str, body: str) -> None:
    url = f"/e/{consent.enterprise_id}/consents/{consent.number}/"
    key = _key(consent, event)
    send_messages([Draft(consent.enterprise.mailbox_id, key, KIND, title, body, url)])


@in_language_of_record()
def _tell_grantee(consent: Consent, event: str, title: str, body: str = "") -> None:
    words = _("授权编号 %(number)s，用途：%(purpose)s。") % _said(consent) + body
    key = _key(consent, event)
    send_messages(Draft(box, key, KIND, title, words, url) for box, url in told_of(consent).items())


def _key(consent: Consent, event: str) -> str:
    """Of a consent that was open, being assigned is told anew."""
    assigned = "assigned" if event == "given" and consent.assigned_at else event
    return f"consent:{consent.pk}:{assigned}"


def _said(consent: Consent) -> dict[str, str]:
    return {
        "grantee": whom(consent),
        "firm": consent.enterprise.name,
        "purpose": consent.purpose,
        "number": consent.number,
    }
