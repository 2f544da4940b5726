"""One shape for exchange data: every key present, empty text as null, money in one spelling.

So that two descriptions of the same item are equal as values, and an export is an import unchanged.
"""

from collections.abc import Mapping
from typing import Any

from portal.kernel.money import money_text, parse_money
from portal.kernel.richtext import clean_html

Data = dict[str, Any]


def canonical_document(given: Mapping[str, Any]) -> Data:
    """A document's data (valid by the schema) in canonical shape."""
    source = given["source"]
    return {
        "code": given["code"],
        "title": given["title"],
        "number": given.get("number") or None,
        "issuer": given["issuer"],
        "level": given["level"],
        "region": given["region"],
        "issued_on": given.get("issued_on"),
        "effective_from": given.get("effective_from"),
        "effective_to": given.get("effective_to"),
        "year": given.get("year"),
        "body": clean_html(given["body"]),
        "link": given.get("link") or None,
        "topics": list(given.get("topics", [])),
        "source": {
            "where": source["where"],
            "certainty": source["certainty"],
            "excerpt": source.get("excerpt", False),
            "note": source.get("note") or None,
        },
    }


def canonical_item(given: Mapping[str, Any]) -> Data:
    """An item's data (valid by the schema) in canonical shape."""
    window = given["window"]
    return {
        "code": given["code"],
        "title": given["title"],
        "summary": given["summary"],
        "gain": given["gain"],
        "department": given["department"],
        "co_departments": sorted(given.get("co_departments", [])),
        "level": given["level"],
        "region": given["region"],
        "benefit": given["benefit"],
        "mode": given["mode"],
        "where": given.get("where") or None,
        "targets": list(given["targets"]),
        "topics": list(given["topics"]),
        "window": {"from": window["from"], "to": window["to"], "note": window.get("note") or None},
        "materials": [_material(material) for material in given["materials"]],
        "steps": list(given["steps"]),
        "handling_workdays": given.get("handling_workdays"),
        "handling_note": given.get("handling_note") or None,
        "contacts": [_contact(contact) for contact in given.get("contacts", [])],
        "budget": money_text(parse_money(given["budget"])) if given.get("budget") else None,
        "quota": given.get("quota"),
        "exclusivity_group": given.get("exclusivity_group") or None,
        "grants": given.get("grants"),
        "sources": [_source(source) for source in given["sources"]],
        "adapted_from": given.get("adapted_from"),
        "rule": canonical_rule(given["rule"]),
        "examples": list(given["examples"]),
    }


def canonical_rule(given: Mapping[str, Any]) -> Data:
    """A rule's data in canonical shape; the trees stay as their author wrote them."""
    return {
        "reference_year": given.get("reference_year"),
        "event_fact": given.get("event_fact") or None,
        "governing_date": given.get("governing_date", "application"),
        "valid_from": given["valid_from"],
        "valid_to": given.get("valid_to"),
        "conditions": given["conditions"],
        "amount": given.get("amount"),
    }


def _material(given: Mapping[str, Any]) -> Data:
    return {
        "name": given["name"],
        "supplied_by": given["supplied_by"],
        "from_facts": list(given.get("from_facts", [])),
        "template": given.get("template") or None,
        "basis": given["basis"],
    }


def _contact(given: Mapping[str, Any]) -> Data:
    return {"name": given["name"], "phone": given["phone"], "note": given.get("note") or None}


def _source(given: Mapping[str, Any]) -> Data:
    return {
        "document": given["document"],
        "clause": given.get("clause") or None,
        "basis": given["basis"],
        "note": given.get("note") or None,
    }
