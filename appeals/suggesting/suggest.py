"""Up to three departments for an appeal, with section, leader, mode and reasons; kept as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from appeals.enums import Intake, Mode, OrderKind, OrderState, Secrecy
from appeals.models import Appeal, RoutingRule, Suggestion, WorkOrder
from appeals.suggesting import words
from appeals.suggesting.model import Reading, latest
from appeals.suggesting.rules import first_hit
from portal.accounts.models import Department, Officer, Section
from portal.accounts.models.officers import Rank

MOST: Final = 3
BARRED: Final = 2
"""How many departments may be ruled out: the one complained of, and who has just returned the order."""
SIMILAR: Final = 3
RULE_SHARE: Final = 0.8
"""How much of the certainty a rule takes before the classifier shares out the rest."""
RESPONSIBLE: Final = (Rank.DEPUTY, Rank.HEAD, Rank.SECTION_HEAD)
"""Who answers for an order (责任领导), the first that can be had."""
OPEN_INTAKE: Final = (Intake.SUBMITTED, Intake.ASKED, Intake.ACCEPTED)


@dataclass
class Candidate:
    """A department that may be suggested."""

    department: Department
    share: float
    rule: RoutingRule | None = None
    section: Section | None = None
    mode: str = Mode.DISPATCH
    reasons: dict[str, Any] = field(default_factory=dict)


def suggest(appeal: Appeal) -> list[Suggestion]:
    """Suggest and keep it; what is kept already stays when nothing changed. Empty once nothing is to do.

    The department complained of is never suggested, nor the one that has just returned it.
    """
    with transaction.atomic():
        locked = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
        if locked.intake not in OPEN_INTAKE:
            return []
        model = latest()
        reading = model.read(words.appeal_features(locked.title, locked.text)) if model else None
        rule = first_hit(locked)
        chosen = _candidates(locked, rule, reading)
        _detail(chosen, rule, reading)
        _give_reasons(locked, chosen, reading)
        rows = _rows(locked, chosen, model.pk if model else None)
        kept = _kept(locked)
        if [_content(row) for row in kept] == [_content(row) for row in rows]:
            return kept
        return Suggestion.objects.bulk_create(rows)


def _candidates(appeal: Appeal, rule: RoutingRule | None, reading: Reading | None) -> list[Candidate]:
    shares = dict(reading.probabilities) if reading else {}
    if rule:
        shares = {code: share * (1 - RULE_SHARE) for code, share in shares.items()}
        shares[rule.department.code] = shares.get(rule.department.code, 0.0) + RULE_SHARE
    likely = sorted(shares, key=lambda code: (-shares[code], code))[: MOST + BARRED]
    returned = WorkOrder.objects.filter(appeal=appeal, kind=OrderKind.LEAD, state=OrderState.RETURNED)
    back = returned.filter(department__isnull=False).values("department")
    allowed = Department.objects.filter(code__in=likely).exclude(pk__in=back)
    known = {each.code: each for each in allowed if each.pk != appeal.about_id}
    found = [Candidate(known[code], shares[code]) for code in likely if code in known]
    return found[:MOST]


def _detail(chosen: list[Candidate], rule: RoutingRule | None, reading: Reading | None) -> None:
    """Section and mode: as the rule says, else where the department's duties are most alike."""
    sections = {
        (section.department_id, section.name): section
        for section in Section.objects.filter(department__in=[each.department for each in chosen])
    }
    for each in chosen:
        if rule and rule.department_id == each.department.pk:
            each.rule, each.section, each.mode = rule, rule.section, rule.mode
        desk = reading.desk(each.department.code) if reading else None
        if desk and (each.rule is None or each.rule.section is None):
            each.section = sections.get((each.department.pk, desk.section))
        if desk and each.rule is None:
            each.mode = desk.mode


def _give_reasons(appeal: Appeal, chosen: list[Candidate], reading: Reading | None) -> None:
    similar = _similar(appeal, reading.cases(20) if reading else [])
    loads = _loads(each.department.pk for each in chosen)
    for each in chosen:
        code = each.department.code
        each.reasons = {
            "words": reading.words(code) if reading else [],
            "similar": similar.get(each.department.pk, [])[:SIMILAR],
            "rule": each.rule.title if each.rule else None,
            "load": loads.get(each.department.pk, 0),
        }


def _similar(appeal: Appeal, ids: list[int]) -> dict[int, list[dict[str, str]]]:
    """Alike closed cases by the department that answered them, as number and title.

    What became a complaint, confidential or anonymous since the training is left out.
    """
    if not ids:
        return {}
    cases = WorkOrder.objects.filter(
        appeal__in=ids,
        kind=OrderKind.LEAD,
        department__isnull=False,
        appeal__secrecy=Secrecy.OPEN,
        appeal__about=None,
        appeal__anonymous=False,
    ).exclude(appeal=appeal)
    found: dict[int, list[dict[str, str]]] = {}
    rows = cases.order_by("-pk").values_list("appeal", "department", "appeal__number", "appeal__title")
    last = {pk: (place, number, title) for pk, place, number, title in reversed(rows)}  # the newest order's
    for pk in ids:
        if pk in last:
            place, number, title = last[pk]
            found.setdefault(place, []).append({"number": number, "title": title})
    return found


def _loads(departments: Iterable[int]) -> dict[int, int]:
    """Orders with something still to be done, by department."""
    live = WorkOrder.objects.live().filter(department__in=list(departments)).order_by()
    return dict(live.values_list("department").annotate(Count("pk")))


def leaders(chosen: list[Candidate]) -> dict[int, Officer | None]:
    """By department: who answers for its orders and is there today, or stands in; or nobody.

    The section's own people come before others of their rank.
    """
    today = timezone.localdate()
    places = {each.department.pk: each.section.pk if each.section else None for each in chosen}
    serving = Officer.objects.serving(today).filter(department__in=places, rank__in=RESPONSIBLE)
    ranked: dict[int, list[Officer]] = {place: [] for place in places}
    for officer in serving.order_by("pk"):
        ranked[officer.department_id].append(officer)
    for place, officers in ranked.items():
        officers.sort(key=lambda each: (RESPONSIBLE.index(Rank(each.rank)), each.section_id != places[place]))
    return {
        place: next((there for officer in officers if (there := officer.stand_in(today))), None)
        for place, officers in ranked.items()
    }


def _rows(appeal: Appeal, chosen: list[Candidate], model: int | None) -> list[Suggestion]:
    leading = leaders(chosen)
    return [
        Suggestion(
            appeal=appeal,
            rank=rank,
            department=each.department,
            section=each.section,
            leader=leading[each.department.pk],
            mode=each.mode,
            percent=round(100 * each.share),
            reasons=each.reasons,
            rule=each.rule,
            model_id=model,
        )
        for rank, each in enumerate(chosen, start=1)
    ]


def _kept(appeal: Appeal) -> list[Suggestion]:
    """The rows of the newest suggestion."""
    rows = list(Suggestion.objects.filter(appeal=appeal).order_by("-made_at", "rank")[:MOST])
    return [row for row in rows if row.made_at == rows[0].made_at]


def _content(row: Suggestion) -> tuple[Any, ...]:
    """What makes two suggestions the same; a department's load may change meanwhile."""
    reasons = {key: value for key, value in row.reasons.items() if key != "load"}
    ids = (row.department_id, row.section_id, row.leader_id, row.rule_id, row.model_id)
    return (row.rank, *ids, row.mode, row.percent, reasons)
