"""Messages about whitelists: to the people of banks, and to the enterprises that are on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import Bank, BankOfficer, EntryOutcome, Whitelist, WhitelistResult
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

KIND = "whitelist"


@in_language_of_record()
def tell_banks(held: Whitelist, banks: Sequence[Bank], at: dt.datetime) -> None:
    """Who works at these banks on that day of the county's calendar."""
    count = held.entries.filter(excluded="").count()
    title = _("新的白名单：%(title)s，%(count)d 家企业") % {"title": held.title, "count": count}
    serving = BankOfficer.objects.serving(timezone.localdate(at)).filter(bank__in=banks, user__is_active=True)
    at_bank = dict(serving.exclude(role="viewer").values_list("user", "bank"))
    boxes = Mailbox.objects.filter(user__in=at_bank).values_list("pk", "user")
    send_messages(
        Draft(box, f"whitelist:{held.pk}", KIND, title, url=f"/bank/{at_bank[user]}/whitelists/{held.pk}/")
        for box, user in boxes
    )


@in_language_of_record()
def tell_firms(held: Whitelist, banks: Sequence[Bank]) -> None:
    """Each enterprise on the list: to which banks it is recommended, and where it sees why."""
    said = {"office": held.department.name, "title": held.title, "count": len(banks)}
    title = _("%(office)s把您的企业推荐给 %(count)d 家银行：%(title)s") % said
    body = _(
        "推荐给：%(banks)s。银行只看到企业名称和信用代码；用了哪些数据、授权银行看依据、有异议怎么办，请打开查看。"
    ) % {"banks": "、".join(bank.name for bank in banks)}
    rows = held.entries.filter(excluded="").values_list("pk", "enterprise", "enterprise__mailbox")
    send_messages(
        Draft(box, f"whitelist:{held.pk}", KIND, title, body, page_of(enterprise, entry))
        for entry, enterprise, box in rows.iterator()
    )


def tell_results(results: Iterable[WhitelistResult]) -> None:
    """Each enterprise what a bank came to with it; that somebody called it knows already."""
    send_messages(_result(one) for one in results if one.outcome != EntryOutcome.CONTACTED)


def page_of(enterprise: int, entry: int) -> str:
    """Where an enterprise sees why it is on a list, and what came of it."""
    return f"/e/{enterprise}/finance/whitelists/{entry}/"


@in_language_of_record()
def _result(one: WhitelistResult) -> Draft:
    entry = one.entry
    amount = f" {format_money(one.amount_fen)}" if one.amount_fen else ""
    title = _("%(bank)s对推荐“%(title)s”的结果：%(outcome)s%(amount)s") % {
        "bank": one.bank.name,
        "title": entry.whitelist.title,
        "outcome": EntryOutcome(one.outcome).label,
        "amount": amount,
    }
    key = f"whitelist:{entry.whitelist_id}:{one.bank_id}:{one.outcome}:{one.amount_fen or 0}"
    url = page_of(entry.enterprise_id, entry.pk)
    return Draft(entry.enterprise.mailbox_id, key, KIND, title, _("与实际不符的，请联系银行更正。"), url)
