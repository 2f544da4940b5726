"""What we know of an enterprise, as rows for a page: value, source, tier, date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.catalogue import Catalogue, FactSpec, Scope, Tier
from enterprises.knowledge import CLAIM, SELF, CredentialRecord, Knowledge, Known
from enterprises.services.declare import can_declare
from enterprises.values import format_value

TIERS = {
    Tier.DECLARED: ("due", gettext_lazy("企业自报")),
    Tier.ATTESTED: ("info", gettext_lazy("第三方佐证")),
    Tier.OFFICIAL: ("done", gettext_lazy("部门数据")),
}
CREDENTIALS = "资质"


@dataclass(frozen=True, slots=True)
class Row:
    """One fact (of one year) or credential. `value` "" and `source` "" when nobody knows it."""

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

    def speaks_of(self, words: str) -> bool:
        """Whether each of some words stands in the name, the value or the source."""
        said = f"{self.label} {self.value} {self.source} {self.period or ''}".casefold()
        return all(word in said for word in words.casefold().split())


def rows(knowledge: Knowledge) -> list[Row]:
    """Everything the catalogue asks of an enterprise, known or not; the newest year first."""
    catalogue = knowledge.catalogue
    found = [row for spec in catalogue.values() if _asked(spec) for row in _of_fact(knowledge, spec)]
    return found + [_of_credential(catalogue, record) for record in knowledge.credentials()]


def shown_value(catalogue: Catalogue, spec: FactSpec, known: Known) -> str:
    """The value as people read it, codes by their names."""
    return format_value(spec, known.value, lambda code: catalogue.code_label(spec.key, code))


def source_name(source: str) -> str:
    """A department's short name, or who else said it."""
    return {SELF: _("本企业"), CLAIM: _("本次填写")}.get(source, source)


def _asked(spec: FactSpec) -> bool:
    return spec.scope is Scope.ENTERPRISE and spec.key != "credentials"


def _of_fact(knowledge: Knowledge, spec: FactSpec) -> Iterator[Row]:
    known = list(_known(knowledge, spec))
    for one in known:
        state, tier = TIERS[one.tier]
        yield Row(
            key=spec.key,
            label=spec.label,
            dimension=spec.dimension,
            period=one.period,
            value=shown_value(knowledge.catalogue, spec, one),
            source=source_name(one.source),
            state=state,
            tier=str(tier),
            as_of=one.as_of,
            can_declare=can_declare(spec),
        )
    if not known:
        yield Row(spec.key, spec.label, spec.dimension, can_declare=can_declare(spec))


def _known(knowledge: Knowledge, spec: FactSpec) -> Iterator[Known]:
    if not spec.periodic:
        one = knowledge.value(spec.key)
        return iter([one] if one else [])
    newest = knowledge.latest(spec.key, knowledge.as_of.year)
    years = range(newest.period, newest.period - 4, -1) if newest and newest.period else ()
    values = (knowledge.value(spec.key, year) for year in years)
    return (one for one in values if one)


def _of_credential(catalogue: Catalogue, record: CredentialRecord) -> Row:
    state, tier = TIERS[record.tier]
    kind = catalogue.credential_kinds.get(record.kind)
    until = _("有效至 %(day)s") % {"day": record.valid_to.isoformat()} if record.valid_to else _("长期有效")
    said = _("已撤销") if record.revoked else until
    parts = [part for part in (record.level, record.certificate, said) if part]
    return Row(
        key=f"credential-{record.kind}",
        label=kind.label if kind else record.kind,
        dimension=CREDENTIALS,
        value=" · ".join(parts),
        source=source_name(record.source),
        state=state,
        tier=str(tier),
        as_of=record.as_of,
    )


__all__ = ["TIERS", "Row", "rows", "shown_value", "source_name"]
