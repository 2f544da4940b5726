"""Evidence: what was judged when an application was sent, in a form that a court can read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from enterprises.values import format_value
from matching.explaining.explain import Explanation, LeafRow
from policies.applying.questions import Question
from policies.applying.sheet import Material, Sheet
from policies.models import ApplicationFile, Evidence
from portal.kernel.digests import digest_of
from portal.kernel.language import in_language_of_record

if TYPE_CHECKING:
    from portal.accounts.models import User

LARGEST = 2**63 - 1


@in_language_of_record()
def freeze(sheet: Sheet, *, known_at: dt.datetime, by: User | None, at: dt.datetime) -> Evidence:
    """Write down what the sheet says, as the application's next evidence."""
    application = sheet.application
    amount = sheet.explanation.judgement.amount
    high = None if amount is None or amount.high is None else min(int(amount.high), LARGEST)
    content = content_of(sheet)
    return Evidence.objects.create(
        application=application,
        number=application.evidence.count() + 1,
        rule_version=application.version.rule_version,
        as_of=sheet.knowledge.as_of,
        known_at=known_at,
        verdict=sheet.explanation.verdict.value,
        amount_low=None if amount is None else min(int(amount.low), LARGEST),
        amount_high=high,
        content=content,
        digest=digest_of(content),
        by=by,
        at=at,
    )


def content_of(sheet: Sheet) -> dict[str, Any]:
    """Conditions with values and sources, answers, amount and materials, as plain data."""
    application, explanation = sheet.application, sheet.explanation
    return {
        "item": application.item.code,
        "title": application.version.title,
        "version": application.version.number,
        "period": application.period,
        "contact": [application.contact_name, application.contact_phone],
        "verdict": explanation.verdict_label,
        "summary": explanation.summary,
        "amount": explanation.amount,
        "amount_rows": amount_rows(explanation),
        "conditions": [condition(row) for row in explanation.leaves],
        "answers": [_answer(sheet, question) for question in sheet.questions if question.text.strip()],
        "materials": [_material(material) for material in sheet.materials],
    }


def amount_rows(explanation: Explanation) -> list[dict[str, Any]]:
    """The parts that the amount is made of, as plain data."""
    return [
        {"name": row.name, "basis": row.basis, "amount": row.amount, "depth": row.depth}
        for row in explanation.amount_rows
        if row.state != "off"
    ]


def condition(row: LeafRow) -> dict[str, Any]:
    """One condition with what was known, from whom and of when, as plain data."""
    return {
        "path": row.path,
        "sentence": row.sentence,
        "truth": row.truth,
        "clause": row.clause,
        "value": row.value,
        "detail": row.detail,
        "source": row.source,
        "tier": int(row.tier) if row.tier is not None else None,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "review": row.review,
    }


def _answer(sheet: Sheet, question: Question) -> dict[str, Any]:
    spec = question.spec
    known = sheet.knowledge.value(spec.key, question.period)
    return {
        "fact": spec.key,
        "label": spec.label,
        "period": question.period,
        "text": question.text,
        "value": format_value(spec, known.value) if known else "",
        "of_claim": question.of_claim,
    }


def _material(material: Material) -> dict[str, Any]:
    return {
        "name": material.name,
        "wanted": material.wanted,
        "note": material.note,
        "files": [_file(file) for file in material.files],
    }


def _file(file: ApplicationFile) -> dict[str, Any]:
    """`point`: what was to be amended and the file was brought for, where it was."""
    at = {} if file.point_id is None else {"point": file.point_id}
    brought = file.added_at.isoformat()
    return {"id": file.pk, "name": file.name, "digest": file.digest, "added_at": brought} | at
