"""One batch as the payment desk knows it: what it holds, what stands in its way, who may do what next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from policies.models import BatchSignature, Freeze, InstructionFile, PaymentBatch, ReturnFile
from policies.models.money.batch import BatchState
from policies.models.money.payment import PaymentState
from policies.money import freezes
from policies.money.batches import live_payments
from policies.money.desk.acting import batches_at
from policies.money.desk.lines import came_back, faults_of
from policies.money.signing import workers
from portal.accounts.desks import Desk
from portal.accounts.models import User
from portal.accounts.second_factor import has_second_factor
from portal.kernel.money import exact_money

S = BatchState
PEOPLE = ("line__department", "prepared_by", "confirmed_by", "released_by")
GROUP = 8
"""Characters of a digest that are read together."""


@dataclass(frozen=True)
class Case:
    """A batch at a desk."""

    desk: Desk
    batch: PaymentBatch

    @classmethod
    def of(cls, desk: Desk, number: str) -> Case:
        """That of a number, or `Http404`."""
        return cls(desk, get_object_or_404(batches_at(desk).select_related(*PEOPLE), number=number))

    @property
    def user(self) -> User:
        """Who looks."""
        return self.desk.user

    @cached_property
    def sums(self) -> dict[str, int]:
        """How many payments, how much in fen: as signed, or of a draft as it is now."""
        if self.batch.count:
            return {"count": self.batch.count, "total_fen": self.batch.total_fen}
        return live_payments(self.batch).aggregate(count=Count("pk"), total_fen=Sum("amount_fen", default=0))

    @cached_property
    def states(self) -> list[tuple[str, str, int, int]]:
        """Once released: of payments in each state the word, its colour, their number and sum."""
        if self.batch.state not in (S.RELEASED, S.SETTLED):
            return []
        rows: Any = live_payments(self.batch).order_by().values_list("state")
        found = {key: (count, fen) for key, count, fen in rows.annotate(Count("pk"), Sum("amount_fen"))}
        return [(str(one.label), one.colour, *found[one.value]) for one in PaymentState if one.value in found]

    @cached_property
    def back(self) -> int:
        """Payments that the bank returned and that were not made anew."""
        return came_back().filter(batch=self.batch).count()

    @cached_property
    def faults(self) -> list[tuple[str, int]]:
        """What is wrong with accounts, while it can be mended."""
        return [] if self.batch.state in (S.RELEASED, S.SETTLED, S.CANCELLED) else faults_of(self.batch)

    @cached_property
    def frozen(self) -> list[Freeze]:
        """What holds it back."""
        return list(freezes.live_for(self.batch).select_related("by", "line", "batch"))

    @property
    def digest(self) -> list[str]:
        """The digest in groups that two people can read to each other."""
        return [self.batch.digest[at : at + GROUP] for at in range(0, len(self.batch.digest), GROUP)]

    @cached_property
    def signatures(self) -> list[BatchSignature]:
        """Those that count: of the round that is."""
        return list(self.batch.signatures.filter(round=self.batch.round).select_related("by"))

    @cached_property
    def hands(self) -> set[int | None]:
        """Who had a hand in it, or signed it."""
        return workers(self.batch)

    @cached_property
    def file(self) -> InstructionFile | None:
        """What the treasury was told."""
        return InstructionFile.objects.defer("content").filter(batch=self.batch).first()

    @cached_property
    def returns(self) -> list[ReturnFile]:
        """What the treasury said."""
        if self.file is None:
            return []
        return list(ReturnFile.objects.defer("content").filter(instruction=self.file).order_by("-pk"))

    @property
    def overdrawn(self) -> str:
        """Why the budget line does not suffice; empty when it does."""
        left = self.batch.line.available_fen
        if self.batch.state in (S.RELEASED, S.SETTLED, S.CANCELLED) or self.sums["total_fen"] <= left:
            return ""
        return _("指标余额 %(left)s，不足以支付 %(total)s。请减少笔数或追加预算。") % {
            "left": exact_money(left),
            "total": exact_money(self.sums["total_fen"]),
        }

    def hindrances(self, *, signs: bool) -> Iterator[tuple[str, str, str]]:
        """Why this user cannot take the next step now: words, and where to mend it (label, address)."""
        at = self.desk.department.pk
        if not self.sums["count"]:
            yield _("批次里还没有拨付，请先加入。"), "", ""
        if self.frozen and self.batch.state == S.CONFIRMED:
            words = _("已冻结：%(reason)s。解冻后再办理。") % {"reason": self.frozen[0].reason}
            yield words, _("去解冻"), reverse("desk_money_freezes", args=[at])
        if self.faults:
            count = sum(count for _words, count in self.faults)
            words = _("%(count)d 笔的收款账户有问题，排在明细最前，请先撤下或核对。") % {"count": count}
            yield words, _("去核对账户"), reverse("desk_money_accounts", args=[at])
        if self.overdrawn:
            yield self.overdrawn, _("看预算"), reverse("desk_money_budget", args=[at])
        if signs and self.user.pk in self.hands:
            yield _("您参与过编制或已签署这个批次，请由另一人办理这一步。"), "", ""
        elif signs and not has_second_factor(self.user):
            yield (
                _("请先绑定动态口令，再签署。"),
                _("去绑定"),
                reverse("mfa_index"),
            )
