"""Overpaid and underpaid (追缴 补发): proposed with evidence, decided by an official, carried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Sum, When
from django.utils.translation import gettext as _

from enterprises.services.locks import take_turn
from policies.models import Award, Correction
from policies.models.money.award import AwardSource
from policies.models.money.correction import CorrectionKind, CorrectionState
from policies.money.awards import NewAward, make_awards
from policies.money.refusals import told
from policies.money.telling import tell_decided, tell_proposed
from portal.accounts.duties import require_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much an award differs from what is due: too much when positive, too little when negative."""

    award: Award
    over_fen: int
    evidence: Mapping[str, Any]

    @property
    def kind(self) -> CorrectionKind:
        """Which way the money should go."""
        return CorrectionKind.CLAWBACK if self.over_fen > 0 else CorrectionKind.TOPUP

    def is_as_proposed(self, proposal: Correction) -> bool:
        """Whether a proposal says the same."""
        return (proposal.kind, proposal.amount_fen) == (self.kind, abs(self.over_fen))


def propose(differences: Iterable[Difference], *, at: dt.datetime) -> list[Correction]:
    """Proposals for officials, one an award: those that are open now, with the new ones.

    What is proposed stays as it is, and what was dismissed is not proposed again.
    """
    wanted = {one.award.pk: one for one in differences if one.over_fen}
    named = Correction.objects.filter(award__in=wanted)
    dismissed = named.filter(state=CorrectionState.DISMISSED)
    known = set(dismissed.values_list("award", "kind", "amount_fen"))
    made = [
        Correction(
            award=one.award,
            kind=one.kind,
            amount_fen=abs(one.over_fen),
            evidence=dict(one.evidence),
            proposed_at=at,
        )
        for one in wanted.values()
        if (one.award.pk, one.kind, abs(one.over_fen)) not in known
    ]
    still_open = named.filter(state=CorrectionState.PROPOSED)
    before = set(still_open.values_list("pk", flat=True))
    Correction.objects.bulk_create(made, ignore_conflicts=True)  # one is open already
    found = list(still_open.select_related("award__item").order_by("pk"))
    tell_proposed([one for one in found if one.pk not in before])
    return found


def corrected_fen(awards: Sequence[Award]) -> dict[int, int]:
    """What awards come to with the corrections that were decided, by id: one query."""
    kept = Correction.objects.filter(
        award__in=[award.pk for award in awards],
        state__in=(CorrectionState.ACCEPTED, CorrectionState.RECOVERED),
    )
    signed = Case(When(kind=CorrectionKind.TOPUP, then=F("amount_fen")), default=-F("amount_fen"))
    sums: Any = kept.order_by().values_list("award").annotate(fen=Sum(signed))
    by_award = {pk: int(fen) for pk, fen in sums}
    return {award.pk: award.amount_fen + by_award.get(award.pk, 0) for award in awards}


def take_the_turn() -> None:
    """Who proposes and who decides go one after the other until their transaction ends."""
    take_turn("corrections", 0)


def accept(correction: Correction, reason: str, *, by: User, at: dt.datetime) -> Award | None:
    """Decide that it is so: a top-up becomes an award that waits to be paid. Raises DomainError."""
    topup = None
    with told():
        held = _decide(correction, "accept", reason, by, at)
        if held.kind == CorrectionKind.TOPUP:
            (topup,) = make_awards([_topup(held)], by=by, at=at)
        tell_decided(held)
    adopt(correction, held)
    return topup


def withdraw(correction: Correction, *, at: dt.datetime) -> None:
    """The system takes a proposal back that is not true any more. Raises DomainError once it is decided."""
    with told(), in_language_of_record():
        advance(correction, "withdraw", actor=None, comment=_("按现在的事实不再是这个差额"), at=at)


def dismiss(correction: Correction, reason: str, *, by: User, at: dt.datetime) -> None:
    """Decide that it stays as it was paid. Raises DomainError."""
    with told():
        held = _decide(correction, "dismiss", reason, by, at)
    adopt(correction, held)


def recover(correction: Correction, note: str, *, by: User, at: dt.datetime) -> None:
    """The money is back with the treasury; `note` says by which receipt. Raises DomainError."""
    if correction.kind != CorrectionKind.CLAWBACK:
        raise DomainError(_("只有追缴才登记追回。"), code="not_clawback")
    note = _require_reason(note)
    require_duty(by, correction.award.item.department, Role.LEADER, Role.REVIEWER)
    with told():
        advance(correction, "recover", actor=by, comment=note, changes={"recovered_at": at}, at=at)


def _decide(correction: Correction, name: str, reason: str, by: User, at: dt.datetime) -> Correction:
    reason = _require_reason(reason)
    take_the_turn()
    rows = Correction.objects.select_related("award__item__department", "award__version", "award__enterprise")
    held = rows.get(pk=correction.pk)
    require_duty(by, held.award.item.department, Role.LEADER)
    changes = {"decided_by": by, "decided_at": at, "reason": reason}
    advance(held, name, actor=by, comment=reason, changes=changes, at=at)
    return held


def _topup(held: Correction) -> NewAward:
    award = held.award
    return NewAward(
        item=award.item_id,
        enterprise=award.enterprise_id,
        period=award.period,
        version=award.version_id,
        amount_fen=held.amount_fen,
        evidence=held.evidence,
        source=AwardSource.CORRECTION,
        exclusivity_group=award.exclusivity_group,
        correction=held.pk,
    )


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(_("请写明理由。"), code="no_reason")
    return reason.strip()
