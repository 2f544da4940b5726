"""The locks that a change of a loan takes first, and whose loan it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from enterprises.services.locks import take_turn
from finance.models import LoanApplication
from finance.models.vocabulary import Post
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from enterprises.actors import Actor
    from finance.acting import BankActor


def take_turns(enterprises: Iterable[int]) -> None:
    """Be the only one who says which loan is the first one of these, in the order of their ids.

    Taken before any loan is held: who sets a first loan right holds others of the enterprise.
    """
    for pk in sorted(set(enterprises)):
        take_turn("finance.first_loan", pk)


def hold(loan: LoanApplication) -> LoanApplication:
    """The loan as it stands, locked until the transaction ends. Raises DomainError when it is gone."""
    rows = LoanApplication.objects.filter(pk=loan.pk)
    held = hold_all(rows, "enterprise", "bank__grantee", "consent").first()
    if held is None:
        raise DomainError(_("这笔申请已不存在，请刷新页面。"), code="gone")
    return held


def hold_all(
    rows: QuerySet[LoanApplication], *related: str, skip_locked: bool = False
) -> QuerySet[LoanApplication]:
    """The loans among `rows`, locked in the order of their ids until the transaction ends, then read.

    Read in a statement of its own: in the one that waits for a lock, what is joined is as old as the wait,
    and a loan that was given another consent meanwhile would have none.
    """
    locked = rows.select_for_update(of=("self",), skip_locked=skip_locked).order_by("pk").only("pk")
    return LoanApplication.objects.filter(pk__in=[row.pk for row in locked]).select_related(*related)


def require_bank(by: BankActor, held: LoanApplication) -> None:
    """Raises DomainError unless the loan is the bank's and the person may do more than look."""
    if held.bank_id != by.bank.pk:
        raise DomainError(_("这笔申请不在贵行办理，请刷新页面。"), code="not_yours")
    require_work(by)


def require_work(by: BankActor) -> None:
    """Raises DomainError for who may only look."""
    if not by.holds(Post.MANAGER, Post.OFFICER):
        raise DomainError(_("您的岗位只能查看，请由客户经理或负责人办理。"), code="viewer")


def require_manager(by: BankActor) -> None:
    """Raises DomainError for all but the bank's managers."""
    if not by.holds(Post.MANAGER):
        raise DomainError(_("这一步由银行负责人办理。"), code="not_manager")


def require_own(actor: Actor, held: LoanApplication) -> None:
    """Raises DomainError unless the loan is the enterprise's and the member may sign for it."""
    if held.enterprise_id != actor.enterprise.pk:
        raise DomainError(_("没有这笔申请。"), code="gone")
    if not actor.may_manage:
        raise DomainError(_("贷款由法定代表人或管理员办理，请联系他们。"), code="not_manager")
