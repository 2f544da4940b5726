"""What may be let known, in groups that people understand: dimensions of the catalogue, and credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from enterprises.catalogue import Catalogue, FactSpec, Scope

CREDENTIALS: Final = "资质"
WORDS: Final = {
    "经营": _("登记信息、营业收入、用工、资产、出口等"),
    "创新": _("研发、专利、技术人员、股权融资等"),
    "结构": _("行业、规模、入统情况等"),
    "质效": _("利润、税收、用地、能耗等"),
    "风险": _("负债、欠税、事故、被执行案件"),
    "信用": _("纳税信用、失信和异常名录"),
    CREDENTIALS: _("资质证书、认定和在册名单"),
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
        return words_of(self.key)

    @property
    def count(self) -> int:
        """How many there are in it."""
        return len(self.facts) + len(self.credentials)

    @property
    def labels(self) -> list[str]:
        """All that is in it."""
        return [label for _key, label in (*self.facts, *self.credentials)]


def words_of(key: str) -> str:
    """What a group is about, for a person; empty for one that came later."""
    return str(WORDS.get(key, ""))


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
