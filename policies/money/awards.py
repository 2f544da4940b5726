"""What is owed: made once an item and period, fixed with its evidence, and waiting until it is paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from policies.enums import Benefit
from policies.models import Application, Award, BudgetLine, Payment
from policies.models.money.award import AwardQuerySet, AwardSource
from policies.models.money.payment import LIVE
from policies.money.refusals import names_of, told
from policies.money.telling import tell_awarded
from portal.kernel.digests import digest_of
from portal.kernel.errors import DomainError
from portal.kernel.money import MAX_FEN

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class NewAward:
    """An award to be made; item, enterprise, version, application and correction by id.

    `evidence` says what it rests on: `rule_version`, `as_of` and `known_at` replay it.
    """

    item: int
    enterprise: int
    period: int
    version: int
    amount_fen: int
    evidence: Mapping[str, Any]
    source: str = AwardSource.ENJOY
    digest: str = ""
    exclusivity_group: str = ""
    application: int | None = None
    correction: int | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        """Of which there is one, but for what corrects it."""
        return self.item, self.enterprise, self.period


def make_awards(wanted: Sequence[NewAward], *, by: User | None, at: dt.datetime) -> list[Award]:
    """All of them or none, in few statements; `by` None: the system. Raises DomainError, naming doubles."""
    for one in wanted:
        _require_fen(one.amount_fen)
    _refuse_doubles([one for one in wanted if one.source != AwardSource.CORRECTION])
    with told():
        made = list(Award.objects.bulk_create((_row(one, by, at) for one in wanted), batch_size=1000))
        tell_awarded(made)
    return made


def award_application(application: Application, *, by: User, at: dt.datetime) -> Award | None:
    """What an approved application is owed; None where it gives no money. Raises DomainError for a double."""
    if application.version.benefit != Benefit.MONEY or not application.amount_fen:
        return None
    judged = application.evidence.latest("number")
    evidence = {
        "application": application.number,
        "evidence": judged.pk,
        "digest": judged.digest,
        "rule_version": judged.rule_version_id,
        "as_of": judged.as_of,
        "known_at": judged.known_at,
        "amount_low": judged.amount_low,
        "amount_high": judged.amount_high,
        "proposed_by": application.proposed_by_id,
        "decided_by": application.decided_by_id,
    }
    (award,) = make_awards(
        [
            NewAward(
                item=application.item_id,
                enterprise=application.enterprise_id,
                period=application.period,
                version=application.version_id,
                amount_fen=application.amount_fen,
                evidence=evidence,
                source=AwardSource.APPLICATION,
                exclusivity_group=application.version.exclusivity_group,
                application=application.pk,
            )
        ],
        by=by,
        at=at,
    )
    return award


def waiting(line: BudgetLine | None) -> AwardQuerySet:
    """Awards that no payment is prepared, on its way or made for; of a line's items, or all."""
    live = Payment.objects.filter(award=OuterRef("pk"), state__in=LIVE)
    awards = Award.objects.filter(~Exists(live))
    return awards if line is None else awards.filter(item__in=line.items.all())


def _row(one: NewAward, by: User | None, at: dt.datetime) -> Award:
    evidence = dict(one.evidence)
    return Award(
        item_id=one.item,
        enterprise_id=one.enterprise,
        period=one.period,
        version_id=one.version,
        amount_fen=one.amount_fen,
        source=one.source,
        application_id=one.application,
        correction_id=one.correction,
        exclusivity_group=one.exclusivity_group,
        evidence=evidence,
        digest=one.digest or digest_of(evidence),
        made_by=by,
        made_at=at,
    )


def _require_fen(amount: Any) -> None:
    if type(amount) is not int:
        raise TypeError("Money is whole fen: read what people write with portal.kernel.money.parse_money.")
    if not 0 < amount <= MAX_FEN:
        raise DomainError(_("应付金额须大于零且在合理范围内。"), code="money_out_of_range")


def _refuse_doubles(wanted: Sequence[NewAward]) -> None:
    items, enterprises, periods = zip(*(one.key for one in wanted), strict=True) if wanted else ((), (), ())
    made = Award.objects.filter(item__in=set(items), enterprise__in=set(enterprises), period__in=set(periods))
    taken = set(made.exclude(source=AwardSource.CORRECTION).values_list("item", "enterprise", "period"))
    doubles = []
    for one in wanted:
        if one.key in taken:
            doubles.append(one.enterprise)
        taken.add(one.key)
    if doubles:
        names = Enterprise.objects.filter(pk__in=doubles).values_list("name", flat=True)
        raise DomainError(
            _("已享受过这个事项的同一年度，不能重复：%(names)s。") % {"names": names_of(names)},
            code="awarded_twice",
        )
