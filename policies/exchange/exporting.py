"""Items and documents out of the database, in the exchange format's canonical shape."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import yaml

from matching.models import RuleVersion
from policies.exchange.canonical import Data
from policies.exchange.reading import ALMOST_NUMBER
from policies.models import ItemVersion, PolicyDocument
from portal.kernel.money import money_text


def export_file(versions: Iterable[ItemVersion]) -> Data:
    """A whole file: the versions as items, and every document that one of them cites."""
    items: list[Data] = []
    documents: dict[str, PolicyDocument] = {}
    for version in versions:
        items.append(export_item(version))
        documents.update((source.document.code, source.document) for source in version.sources.all())
    return {
        "format": 1,
        "documents": [export_document(documents[code]) for code in sorted(documents)],
        "items": sorted(items, key=lambda item: str(item["code"])),
    }


def export_document(document: PolicyDocument) -> Data:
    """A document as `canonical_document` would give it."""
    return {
        "code": document.code,
        "title": document.title,
        "number": document.number or None,
        "issuer": document.issuer,
        "level": document.level,
        "region": document.region,
        "issued_on": _day(document.issued_on),
        "effective_from": _day(document.effective_from),
        "effective_to": _day(document.effective_to),
        "year": document.year,
        "body": document.body,
        "link": document.link or None,
        "topics": document.topics,
        "source": document.source or {"where": "—", "certainty": "official", "excerpt": False, "note": None},
    }


def export_item(version: ItemVersion) -> Data:
    """A version with its item as `canonical_item` would give it."""
    item, rule = version.item, version.rule_version
    return {
        "code": item.code,
        "title": version.title,
        "summary": version.summary,
        "gain": version.gain,
        "department": item.department.code,
        "co_departments": sorted(department.code for department in item.co_departments.all()),
        "level": version.level,
        "region": version.region,
        "benefit": version.benefit,
        "mode": version.mode,
        "where": version.where or None,
        "targets": version.targets,
        "topics": version.topics,
        "window": {
            "from": _day(version.window_from),
            "to": _day(version.window_to),
            "note": version.window_note or None,
        },
        "materials": version.materials,
        "steps": version.steps,
        "handling_workdays": version.handling_workdays,
        "handling_note": version.handling_note or None,
        "contacts": version.contacts,
        "budget": None if version.budget_fen is None else money_text(version.budget_fen),
        "quota": version.quota,
        "exclusivity_group": version.exclusivity_group or None,
        "grants": {"credential": version.grants} if version.grants else None,
        "sources": [
            {
                "document": source.document.code,
                "clause": source.clause or None,
                "basis": source.basis,
                "note": source.note or None,
            }
            for source in version.sources.all()
        ],
        "adapted_from": version.adapted_from,
        "rule": _rule(rule),
        "examples": rule.examples,
    }


def _rule(rule: RuleVersion) -> Data:
    until = rule.valid.upper if rule.valid else None
    return {
        "reference_year": rule.reference_year,
        "event_fact": rule.event_fact or None,
        "governing_date": rule.governing_date,
        "valid_from": _day(rule.begins),
        "valid_to": _day(until - dt.timedelta(days=1)) if until else None,
        "conditions": rule.conditions,
        "amount": rule.amount,
    }


def to_yaml(data: Data) -> str:
    """YAML that `reading` reads back as the same data, text that looks like something else quoted."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_implicit_resolver("!float", ALMOST_NUMBER, list("-+.0123456789"))  # so that such text is quoted


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
