"""Taking loans on (入池), and letting go of what was compensated (出池).

Nothing is looked at before that could be true no more afterwards: the database itself takes a loan on under
the lock of the pool's row, or refuses; the words why are made of what stands then.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import LoanApplication, PoolAdmission, PoolState, ReleaseReason, RiskPool
from finance.pools.duties import APPROVING, REVIEWING, require_duty
from finance.pools.refusals import told
from finance.pools.telling import tell_objected
from finance.products.wording import purpose_words
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money
from portal.kernel.workdays import add_workdays

if TYPE_CHECKING:
    from finance.acting import BankActor
    from portal.accounts.models import User

MOST_WORDS: Final = 300
AS_KEPT: Final = 60
"""Seconds for which a day of the calendar is not looked up again."""


def admit(pool: RiskPool, loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> PoolAdmission:
    """Let the pool stand for a loan of the bank, in the amount approved. Raises DomainError.

    Nobody of the department is asked: the database compares it with the pool's terms. It may object
    for some working days afterwards.
    """
    if loan.bank_id != by.bank.pk:
        raise DomainError(_("这笔贷款不属于本行。"), code="not_yours")
    if not loan.approved_fen:
        raise DomainError(_("贷款尚未批准，批准后再申请入池。"), code="not_approved")
    minute = int(time.monotonic() // AS_KEPT)
    until = _objection_until(timezone.localdate(at), pool.objection_days, minute)
    asked = PoolAdmission(
        pool=pool,
        loan=loan,
        bank=by.bank,
        amount_fen=loan.approved_fen,
        by=by.user,
        at=at,
        objection_until=until,
    )
    try:
        with told(one_statement=True):
            asked.save()
    except DomainError as refused:
        if refused.code not in WHY:
            raise
        held = RiskPool.objects.select_related("department").get(pk=pool.pk)
        raise DomainError(WHY[refused.code](held, loan), code=refused.code) from refused
    return asked


def object_to(admission: PoolAdmission, reason: str, *, by: User, at: dt.datetime) -> None:
    """The department objects: from now on the pool stands for the loan no more. Raises DomainError.

    In the days that it has for that, and while the loan is not bad; the bank is told why.
    """
    require_duty(by, admission.pool, *REVIEWING, *APPROVING)
    if not (reason := reason.strip()):
        raise DomainError(_("请写明异议的理由，银行会看到。"), code="no_reason")
    with told():
        standing = PoolAdmission.objects.filter(pk=admission.pk, released_at=None)
        objected = {"release_reason": ReleaseReason.OBJECTED, "objection": reason[:MOST_WORDS]}
        if not standing.update(released_at=at, released_by=by, **objected):
            raise DomainError(_("这笔贷款已经出池。"), code="released")
        tell_objected(admission, reason)


def end(admission: PoolAdmission, *, by: User, at: dt.datetime) -> None:
    """Nothing more will come back of a loan: its room is free again. Raises DomainError.

    It was compensated, or is written off and no claim is open; the loan is held, so that none is filed now.
    """
    require_duty(by, admission.pool, *APPROVING)
    with told():
        LoanApplication.objects.select_for_update(of=("self",)).get(pk=admission.loan_id)
        ended = PoolAdmission.objects.filter(pk=admission.pk, released_at=None).update(
            released_at=at, released_by=by, release_reason=ReleaseReason.ENDED
        )
    if not ended:
        raise DomainError(_("这笔贷款已经出池。"), code="released")


@lru_cache(maxsize=32)
def _objection_until(day: dt.date, days: int, minute: int) -> dt.date:
    """The last day to object to what came on a day; looked up each minute, for crowds reach for a pool."""
    return add_workdays(day, days)


def _no_room(pool: RiskPool, loan: LoanApplication) -> str:
    """Why the pool did not take it on, with the figures of this moment."""
    amount = loan.approved_fen or 0
    if pool.state == PoolState.FUSED:
        return _(
            "“%(pool)s”的不良率超过熔断线（%(rate)s%%），已停止受理新贷款；恢复后再申请，进展请询问%(office)s。"
        ) % {"pool": pool.name, "rate": f"{pool.fuse_rate.normalize():f}", "office": pool.department.name}
    if pool.state == PoolState.CLOSED:
        return _("“%(pool)s”已关闭，不再受理。") % {"pool": pool.name}
    return _(
        "“%(pool)s”总容量 %(capacity)s，已用 %(used)s，只剩 %(free)s，不够这笔 %(amount)s（差 %(short)s）。"
        "请减少金额重新批准，等其他贷款还清出池，或请%(office)s补充资金。"
    ) % {
        "pool": pool.name,
        "capacity": format_money(pool.backed_fen),
        "used": format_money(pool.used_fen),
        "free": format_money(pool.free_fen),
        "amount": format_money(amount),
        "short": format_money(max(amount - pool.free_fen, 0)),
        "office": pool.department.name,
    }


def _too_long(pool: RiskPool, loan: LoanApplication) -> str:
    return _("“%(pool)s”只受理不超过 %(most)d 个月的贷款，这笔是 %(months)d 个月。") % {
        "pool": pool.name,
        "most": pool.most_months or 0,
        "months": loan.approved_months or 0,
    }


def _other_purpose(pool: RiskPool, loan: LoanApplication) -> str:
    return _("“%(pool)s”只受理这些用途：%(purposes)s；这笔是“%(purpose)s”。") % {
        "pool": pool.name,
        "purposes": purpose_words(pool.purposes),
        "purpose": loan.get_purpose_display(),
    }


def _other_product(pool: RiskPool, loan: LoanApplication) -> str:
    version = loan.product_version
    return _("“%(pool)s”只受理这些产品：%(products)s；这笔是“%(product)s”。") % {
        "pool": pool.name,
        "products": "、".join(str(one) for one in pool.products.select_related("rule")),
        "product": version.name if version else _("没有产品"),
    }


def _beyond_the_cap(pool: RiskPool, loan: LoanApplication) -> str:
    own = pool.admissions.live().filter(loan__enterprise=loan.enterprise_id)
    return _("“%(pool)s”单户最高 %(cap)s；这家企业在池 %(own)s，加上这笔 %(amount)s 就超过了。") % {
        "pool": pool.name,
        "cap": format_money(pool.firm_cap_fen or 0),
        "own": format_money(own.aggregate(sum=Sum("amount_fen", default=0))["sum"]),
        "amount": format_money(loan.approved_fen or 0),
    }


WHY: Final[Mapping[str, Callable[[RiskPool, LoanApplication], str]]] = {
    "no_room": _no_room,
    "too_long": _too_long,
    "purpose": _other_purpose,
    "product": _other_product,
    "firm_cap": _beyond_the_cap,
}
"""By what the database refused: why, with the pool's terms and figures of this moment."""
