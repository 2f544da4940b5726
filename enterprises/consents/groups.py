"""What may be let known, in groups that people understand: dimensions of the catalogue, and credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from enterprises.catalogue import Catalogue, FactSpec, Scope

CREDENTIALS: Final = "资质"
WORDS: Final = {
    "经营": _("经营情况：登记信息、收入、用工、用电等"),
    "创新": _("创新情况：研发投入、专利、技术人员等"),
    "结构": _("行业与规模"),
    "质效": _("质量与效益：利润、税收、能耗等"),
    "风险": _("负债与风险"),
    "信用": _("信用：纳税信用、荣誉与失信记录"),
    CREDENTIALS: _("资质与认定"),
}
"""What stands behind a dimension, in plain words."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one dimension and, in that of credentials, kinds of credential."""

    key: str
    facts: tuple[tuple[str, str], ...] = ()
    """(key, label) of each fact."""
    credentials: tuple[tuple[str, str], ...] = ()
    """(kind, label) of each kind."""

    @property
    def words(self) -> str:
        """What the group is, for a person."""
        return str(WORDS.get(self.key, self.key))

    @property
    def labels(self) -> list[str]:
        """All that is in it."""
        return [label for _key, label in (*self.facts, *self.credentials)]


def grantable(spec: FactSpec) -> bool:
    """Whether a fact can be let known: it is known of the enterprise, not of one claim only."""
    return spec.scope is Scope.ENTERPRISE and spec.key != "credentials"


def groups_of(
    catalogue: Catalogue,
    facts: Collection[str] | None = None,
    credentials: Collection[str] | None = None,
) -> list[Group]:
    """These facts and kinds in their groups, in the catalogue's order; None: all there are."""
    specs = [spec for spec in catalogue.values() if grantable(spec) and (facts is None or spec.key in facts)]
    kinds = [
        (key, kind.label)
        for key, kind in catalogue.credential_kinds.items()
        if credentials is None or key in credentials
    ]
    names = dict.fromkeys([*WORDS, *(spec.dimension for spec in specs)])
    found = (_group(name, specs, kinds) for name in names)
    return [group for group in found if group.facts or group.credentials]


def _group(name: str, specs: Iterable[FactSpec], kinds: list[tuple[str, str]]) -> Group:
    own = tuple((spec.key, spec.label) for spec in specs if spec.dimension == name)
    return Group(name, own, tuple(kinds) if name == CREDENTIALS else ())
