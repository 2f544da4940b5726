"""What an official sees of why an enterprise is on a list.

A department sees values of its own facts only; of what others keep, whether the condition is met. The office
that keeps finance and those whose work is the whole county see all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from enterprises.admin.knowledge import SEES_ALL
from enterprises.models import CredentialKind, Fact
from finance.scoring.access import watches
from finance.whitelists.evidence import allowed

if TYPE_CHECKING:
    from finance.models import WhitelistEntry
    from portal.accounts.desks import Desk


@dataclass(frozen=True, slots=True)
class Sight:
    """The facts and kinds of credential whose values may be seen; `whole`: all."""

    whole: bool
    facts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    @classmethod
    def of(cls, desk: Desk) -> Sight:
        """Of whoever is at the desk: two queries, none for who sees all."""
        user = desk.user
        if user.is_superuser or watches(desk.department) or any(user.has_role(role) for role in SEES_ALL):
            return cls(whole=True)
        places = {desk.department.pk, *(place for _role, place in user.roles)}
        facts = Fact.objects.filter(department__in=places).values_list("key", flat=True)
        kinds = CredentialKind.objects.filter(department__in=places).values_list("key", flat=True)
        return cls(False, frozenset(facts), frozenset(kinds))

    def conditions(self, entry: WhitelistEntry) -> Sequence[dict[str, Any]]:
        """The entry's conditions; those that may not be seen say no more than how they came out."""
        if self.whole:
            return entry.conditions
        return [one if allowed([one], self.facts, self.kinds) else one | _CLOSED for one in entry.conditions]


_CLOSED = {"detail": "", "source": "", "tier": None, "as_of": None, "closed": True}
