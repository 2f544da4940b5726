"""What we know of an enterprise, as rows for a page: value, source, tier, date."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.catalogue import Catalogue, FactSpec, Scope, Tier
from enterprises.derived import DERIVED
from enterprises.knowledge import CLAIM, SELF, CredentialRecord, Knowledge, Known
from enterprises.services.declare import can_declare
from enterprises.values import format_value

TIERS = {
    Tier.DECLARED: ("due", gettext_lazy("企业自报")),
    Tier.ATTESTED: ("info", gettext_lazy("第三方佐证")),
    Tier.OFFICIAL: ("done", gettext_lazy("部门数据")),
}
CREDENTIALS = "资质"
YEARS = 5
"""How many years of a fact are shown, and may be supplied."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact (of one year) or credential. `value` "" when nobody knows it.

    `source`: who said it, or of a computed fact what it is made from.
    """

    key: str
    label: str
    dimension: str
    period: int | None = None
    value: str = ""
    source: str = ""
    state: str = ""
    tier: str = ""
    as_of: date | None = None
    can_declare: bool = False
    own: bool = False
    """Said by the enterprise itself, so that it may say something else."""

    @property
    def anchor(self) -> str:
        """The row's id on its page."""
        return f"{self.key}-{self.period}" if self.period else self.key

    def speaks_of(self, words: str) -> bool:
        """Whether each of some words stands in the name, the value or the source."""
        said = f"{self.label} {self.value} {self.source} {self.period or ''}".casefold()
        return all(word in said for word in words.casefold().split())


def rows(knowledge: Knowledge) -> list[Row]:
    """Everything the catalogue asks of an enterprise, what is known first; the newest year first."""
    catalogue = knowledge.catalogue
    found = [row for spec in catalogue.values() if _asked(spec) for row in _of_fact(knowledge, spec)]
    found += [_of_credential(catalogue, record) for record in knowledge.credentials()]
    return sorted(found, key=lambda row: not row.value)


def rows_of(knowledge: Knowledge, facts: Collection[str], kinds: Collection[str]) -> list[Row]:
    """Only these facts and kinds of credential, in the catalogue's order, the unknown ones too."""
    catalogue = knowledge.catalogue
    chosen = [spec for spec in catalogue.values() if spec.key in facts]
    found = [row for spec in chosen for row in _of_fact(knowledge, spec)]
    held = [record for record in knowledge.credentials() if record.kind in kinds]
    missing = sorted(set(kinds) - {record.kind for record in held})
    found += [_of_credential(catalogue, record) for record in held]
    return found + [Row(f"credential-{kind}", _kind_label(catalogue, kind), CREDENTIALS) for kind in missing]


def place_of(found: list[Row], key: str, period: int | None) -> tuple[int, str]:
    """Index and anchor of a fact's row, of another year where that year has none."""
    of_fact = [(index, row) for index, row in enumerate(found) if row.key == key]
    index, row = next((one for one in of_fact if one[1].period == period), of_fact[0])
    return index, row.anchor


def shown_value(catalogue: Catalogue, spec: FactSpec, known: Known) -> str:
    """The value as people read it, codes by their names."""
    return format_value(spec, known.value, lambda code: catalogue.code_label(spec.key, code))


def source_name(source: str) -> str:
    """A department's short name, or who else said it."""
    return {SELF: _("本企业"), CLAIM: _("本次填写")}.get(source, source)


def _asked(spec: FactSpec) -> bool:
    return spec.scope is Scope.ENTERPRISE and spec.key != "credentials"


def _of_fact(knowledge: Knowledge, spec: FactSpec) -> Iterator[Row]:
    known = list(values_of(knowledge, spec))
    source = made_from(knowledge.catalogue, spec)
    for one in known:
        state, tier = ("brand", _("系统计算")) if spec.derived else TIERS[one.tier]
        yield Row(
            key=spec.key,
            label=spec.label,
            dimension=spec.dimension,
            period=one.period,
            value=shown_value(knowledge.catalogue, spec, one),
            source=source or source_name(one.source),
            state=state,
            tier=str(tier),
            as_of=one.as_of,
            can_declare=can_declare(spec),
            own=one.source == SELF and can_declare(spec),
        )
    if not known:
        yield Row(spec.key, spec.label, spec.dimension, source=source, can_declare=can_declare(spec))


def made_from(catalogue: Catalogue, spec: FactSpec) -> str:
    """What the system computes a derived fact from, in words; empty for others."""
    if not spec.derived:
        return ""
    labels = dict.fromkeys(
        catalogue[source.key].label for source in DERIVED[spec.key].inputs if source.key in catalogue
    )
    return _("由%(facts)s算出") % {"facts": "、".join(labels)}


def values_of(knowledge: Knowledge, spec: FactSpec) -> Iterator[Known]:
    """What is known of a fact: of one that has years the newest `YEARS`, newest first."""
    if not spec.periodic:
        one = knowledge.value(spec.key)
        return iter([one] if one else [])
    newest = knowledge.latest(spec.key, knowledge.as_of.year)
    years = range(newest.period, newest.period - YEARS, -1) if newest and newest.period else ()
    values = (knowledge.value(spec.key, year) for year in years)
    return (one for one in values if one)


def _of_credential(catalogue: Catalogue, record: CredentialRecord) -> Row:
    state, tier = TIERS[record.tier]
    until = _("有效至 %(day)s") % {"day": record.valid_to.isoformat()} if record.valid_to else _("长期有效")
    said = _("已撤销") if record.revoked else until
    parts = [part for part in (record.level, record.certificate, said) if part]
    return Row(
        key=f"credential-{record.kind}",
        label=_kind_label(catalogue, record.kind),
        dimension=CREDENTIALS,
        value=" · ".join(parts),
        source=source_name(record.source),
        state=state,
        tier=str(tier),
        as_of=record.as_of,
    )


def _kind_label(catalogue: Catalogue, key: str) -> str:
    kind = catalogue.credential_kinds.get(key)
    return kind.label if kind else key


__all__ = [
    *("TIERS", "YEARS", "Row", "made_from", "place_of", "rows", "rows_of"),
    *("shown_value", "source_name", "values_of"),
]
