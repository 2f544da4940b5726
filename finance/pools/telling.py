"""Messages about pools: to the department that runs one, and to the bank's people who asked for something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from finance.lending.telling import boxes_of, people_of
from finance.models import BankOfficer, ClaimState, PoolClaim
from finance.models.vocabulary import Post
from finance.pools.duties import APPROVING, FUNDING, OPENING, PAYING, REVIEWING
from portal.accounts.models import Posting
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.services import Draft, send_messages

if TYPE_CHECKING:
    import datetime as dt

    from finance.models import PoolAdmission, PoolFuse, RiskPool
    from portal.accounts.roles import Role

KIND: Final = "pool"
C = ClaimState
TURNS: Final = {
    C.FILED: (REVIEWING, _lazy("新的代偿申请待审核：%(loan)s，损失 %(loss)s")),
    C.REVIEWED: (APPROVING, _lazy("代偿申请待批准：%(loan)s，补偿 %(sum)s")),
    C.APPROVED: (PAYING, _lazy("代偿待拨付：%(loan)s，%(sum)s")),
}
"""Whose turn it is with a claim, by its state, and what they are told."""
BECAME: Final = {
    C.FILED: _lazy("本行提交了代偿申请：%(loan)s，损失 %(loss)s"),
    C.REVIEWED: _lazy("代偿申请已审核，待批准：%(loan)s，补偿 %(sum)s"),
    C.APPROVED: _lazy("代偿申请已批准，待拨付：%(loan)s，%(sum)s"),
    C.PAID: _lazy("代偿已拨付：%(loan)s，%(sum)s"),
    C.REFUSED: _lazy("代偿申请未通过：%(loan)s，%(why)s"),
}
"""What the bank is told of its claim, by the state that it has come to."""


@in_language_of_record()
def tell_step(claim: PoolClaim) -> int:
    """Those whose turn it is now, and of the bank who filed it and its managers; returns how many are told.

    Whoever signed a step before has no turn again.
    """
    loan = claim.admission.loan
    said = {
        "loan": loan.number,
        "loss": format_money(claim.loss_fen),
        "sum": format_money(claim.guarantee_fen),
        "why": claim.refusal,
    }
    return _tell_office(claim, said) + _tell_bank(claim, said)


def _tell_office(claim: PoolClaim, said: dict[str, str]) -> int:
    turn = TURNS.get(ClaimState(claim.state))
    if turn is None:
        return 0
    roles, title = turn
    pool = claim.admission.pool
    boxes = _boxes(pool, roles, besides=(claim.filed_by_id, claim.reviewed_by_id, claim.approved_by_id))
    url = f"{desk(pool)}claims/{claim.pk}/"
    return _tell(boxes, f"claim:{claim.pk}:{claim.state}:turn", str(title) % said, url)


@in_language_of_record()
def _tell_bank(claim: PoolClaim, said: dict[str, str]) -> int:
    loan = claim.admission.loan
    people = set(people_of(loan, Post.MANAGER)) | ({claim.filed_by_id} & set(people_of(loan)))
    if claim.state == ClaimState.FILED:
        people.discard(claim.filed_by_id)
    url = f"/bank/{claim.admission.bank_id}/pool/claims/{claim.pk}/"
    title = str(BECAME[ClaimState(claim.state)]) % said
    body = ""
    if claim.state == ClaimState.PAID:
        body = _("拨付日 %(day)s，凭证号 %(serial)s；回单可在代偿页面查看。") % {
            "day": f"{claim.paid_on:%Y-%m-%d}",
            "serial": claim.serial,
        }
    return _tell(boxes_of(people), f"claim:{claim.pk}:{claim.state}", title, url, body)


@in_language_of_record()
def tell_closed(pool: RiskPool, reason: str) -> int:
    """Those who run the pool and the managers of its banks are told that it takes nothing on any more."""
    title = _("“%(pool)s”已关闭，不再受理新贷款") % {"pool": pool.name}
    told = _tell(_boxes(pool, (*OPENING, *FUNDING, *PAYING)), f"closed:{pool.pk}", title, desk(pool), reason)
    key = f"pool:closed:{pool.pk}"
    posts = BankOfficer.objects.serving(timezone.localdate()).filter(
        role=Post.MANAGER, bank__in=pool.banks.all()
    )
    at_bank = posts.filter(user__is_active=True).values_list("user__mailbox", "bank")
    return told + send_messages(
        Draft(mailbox=box, key=key, kind=KIND, title=title, body=reason, url=f"/bank/{bank}/pool/")
        for box, bank in at_bank.exclude(user__mailbox=None).order_by("user__mailbox", "bank")
    )


@in_language_of_record()
def tell_objected(admission: PoolAdmission, reason: str) -> int:
    """The bank's people are told that the pool stands for a loan no more: its managers, and who asked."""
    loan = admission.loan
    people = set(people_of(loan, Post.MANAGER)) | ({admission.by_id} & set(people_of(loan)))
    title = _("%(office)s对入池贷款提出异议，“%(pool)s”不再承担补偿：%(loan)s") % {
        "office": admission.pool.department.name,
        "pool": admission.pool.name,
        "loan": loan.number,
    }
    url = f"/bank/{admission.bank_id}/pool/"
    return _tell(boxes_of(people), f"objected:{admission.pk}", title, url, reason)


@in_language_of_record()
def tell_taken_on(pool: RiskPool, day: dt.date, count: int, sum_fen: int) -> int:
    """Those who may object are told how many loans came into the pool on a day."""
    title = _("“%(pool)s” %(day)s 入池 %(count)d 笔、%(sum)s，异议期内可以提出异议") % {
        "pool": pool.name,
        "day": f"{day:%Y-%m-%d}",
        "count": count,
        "sum": format_money(sum_fen),
    }
    key, url = f"admitted:{pool.pk}:{day:%Y-%m-%d}", f"{desk(pool)}{pool.code}/?only=new"
    return _tell(_boxes(pool, (*REVIEWING, *APPROVING)), key, title, url)


@in_language_of_record()
def tell_fused(fuse: PoolFuse) -> int:
    """Those who run the pool are told that it has stopped taking loans on, and why."""
    title = _("“%(pool)s”已熔断：不良 %(bad)s，超过在池 %(used)s 的 %(line)s%%") % {
        "pool": fuse.pool.name,
        "bad": format_money(fuse.bad_fen),
        "used": format_money(fuse.used_fen),
        "line": fuse.fuse_rate,
    }
    roles = (*OPENING, *APPROVING, *PAYING)
    return _tell(_boxes(fuse.pool, roles), f"fuse:{fuse.pk}", title, desk(fuse.pool))


def sound(key: str, title: str, body: str, pools: Iterable[RiskPool]) -> int:
    """An alarm about the books, to those who lead and pay where a pool is run; returns how many are told."""
    told = 0
    for pool in pools:
        boxes = _boxes(pool, (*APPROVING, *PAYING))
        told += _tell(boxes, f"{key}:{pool.department_id}", title, f"{desk(pool)}books/", body)
    return told


def desk(pool: RiskPool) -> str:
    """Where the department works with its pools."""
    return f"/desk/{pool.department_id}/finance/pools/"


def _boxes(pool: RiskPool, roles: Iterable[Role], besides: Iterable[int | None] = ()) -> list[int]:
    posted = Posting.objects.filter(department=pool.department_id, role__in=roles)
    users = posted.exclude(user__in=[user for user in besides if user]).values_list("user", flat=True)
    return boxes_of(users)


def _tell(boxes: Iterable[int], key: str, title: str, url: str, body: str = "") -> int:
    return send_messages(
        Draft(mailbox=box, key=f"pool:{key}", kind=KIND, title=title, body=body, url=url) for box in boxes
    )
