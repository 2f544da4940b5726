"""Accounts of enterprises: given by them, and checked by an official before any money goes there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from enterprises.services.locks import take_turn
from policies.models import AccountCheck, PayeeAccount, Payment
from policies.models.money.account import LONGEST_BANK, LONGEST_HOLDER
from policies.models.money.payment import PaymentState, came_back_from
from policies.money.duties import PAYING
from policies.money.refusals import told
from policies.money.telling import tell_mismatched
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError
from portal.kernel.numbers import half_width
from portal.kernel.spreadsheets import FORMULA

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from portal.accounts.models import User

_NUMBER = re.compile(r"[0-9]{6,32}")
_GAPS = re.compile(r"(?<=[0-9])[ -]+(?=[0-9])")
_BRACKETS = str.maketrans("()", "（）")


def current(enterprise_id: int) -> PayeeAccount | None:
    """The account in use: the newest, whether checked or not, with `came_back`."""
    return PayeeAccount.objects.newest([enterprise_id]).annotate(came_back=came_back_from("pk")).first()


def verified_of(enterprise_ids: Iterable[int]) -> dict[int, PayeeAccount]:
    """Accounts in use that were found to match, in the name of today, and from which no money came back.

    By enterprise: one query.
    """
    newest = PayeeAccount.objects.newest(list(enterprise_ids)).select_related("enterprise")
    newest = newest.annotate(came_back=came_back_from("pk"))
    return {
        account.enterprise_id: account
        for account in newest
        if account.is_verified and account.holder == account.enterprise.name and not account.came_back
    }


def digits_of(number: str) -> str:
    """The number as it is kept: its digits in half width, without what groups them."""
    return _GAPS.sub("", half_width(number))


def came_back(account: PayeeAccount) -> bool:
    """Whether the bank sent back what went there: it is given again, or another one, and checked anew."""
    return bool(Payment.objects.filter(account=account, state=PaymentState.RETURNED).exists())


def give(actor: Actor, holder: str, bank: str, number: str, *, at: dt.datetime) -> PayeeAccount:
    """The enterprise names its account; the one in use again changes nothing. Raises DomainError.

    Unless money came back from it: given again it is a new one, to be checked anew. Digits may be full-width
    and grouped by blanks; brackets of the name count alike in both widths.
    Another holder than the enterprise itself is refused: it could never be found to match.
    """
    if not actor.may_manage:
        raise DomainError(_("收款账户由法定代表人或管理员填报，请联系他们。"), code="not_manager")
    digits = digits_of(number)
    if not _NUMBER.fullmatch(digits):
        raise DomainError(_("账号应为 6 至 32 位数字，请核对。"), code="account_number")
    holder, bank = _as_registered(holder.strip(), actor.enterprise), bank.strip()
    if not holder or not bank:
        raise DomainError(_("请填写户名和开户行。"), code="account_missing")
    if len(holder) > LONGEST_HOLDER or len(bank) > LONGEST_BANK:
        raise DomainError(_("户名或开户行太长，请核对后缩短。"), code="too_long")
    if holder.startswith(FORMULA) or bank.startswith(FORMULA):  # both are written into files of CSV
        raise DomainError(_("户名和开户行不能以 = + - @ 这类符号开头，请核对。"), code="formula")
    if holder != actor.enterprise.name:
        raise DomainError(
            _(
                "户名“%(holder)s”与登记的企业名称“%(name)s”不一致，没有保存。请填本企业名下的账户；"
                "企业更过名的，先到银行变更户名。"
            )
            % {"holder": holder, "name": actor.enterprise.name},
            code="name_differs",
        )
    with told():
        take_turn("payee account", actor.enterprise.pk)
        used = current(actor.enterprise.pk)
        same = used is not None and (used.holder, used.bank, used.number) == (holder, bank, digits)
        if used is not None and same and not came_back(used):
            return used
        return PayeeAccount.objects.create(
            enterprise=actor.enterprise,
            holder=holder,
            bank=bank,
            number=digits,
            given_by=actor.user,
            given_at=at,
        )


def give_again(actor: Actor, past: int, *, at: dt.datetime) -> PayeeAccount:
    """An earlier account (by id) that once matched is given anew, to be checked anew. Raises DomainError."""
    known = PayeeAccount.objects.filter(enterprise=actor.enterprise).select_related("finding")
    earlier = known.filter(pk=past).first()
    if earlier is None or not earlier.is_verified:
        raise DomainError(_("只有核对相符过的账户才能再用，请重新填写账户。"), code="never_matched")
    return give(actor, earlier.holder, earlier.bank, earlier.number, at=at)


def check(account: PayeeAccount, outcome: str, *, by: User, at: dt.datetime, note: str = "") -> AccountCheck:
    """An official compares the name (户名核对). Raises DomainError.

    Not for an account that is no longer in use, not twice, not by somebody of the enterprise, and `matched`
    only for the enterprise's own name.
    """
    require_duty(by, None, *PAYING)
    if outcome not in AccountCheck.Outcome.values:
        raise DomainError(_("请选择户名相符或不符。"), code="no_outcome")
    if outcome == AccountCheck.Outcome.MISMATCHED and not note.strip():
        raise DomainError(_("户名不符须写明哪里不符，企业据此更正。"), code="no_reason")
    with told():
        take_turn("payee account", account.enterprise_id)
        used = current(account.enterprise_id)
        if used is None or used.pk != account.pk:
            raise DomainError(_("企业已更换账户，请核对新的账户。"), code="account_changed")
        if hasattr(used, "finding"):
            raise DomainError(_("这个账户已经核对过。"), code="checked")
        found = AccountCheck.objects.create(
            account=used, outcome=outcome, checked_by=by, checked_at=at, note=note.strip()
        )
        if found.outcome == AccountCheck.Outcome.MISMATCHED:
            tell_mismatched(found)
    return found


def _as_registered(holder: str, enterprise: Enterprise) -> str:
    """The name as the register writes it, where only brackets and blanks differ."""
    alike = ["".join(name.split()).translate(_BRACKETS) for name in (holder, enterprise.name)]
    return enterprise.name if alike[0] == alike[1] else holder
