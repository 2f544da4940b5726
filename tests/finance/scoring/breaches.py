"""What the database refuses of points tables and scores: the guard by its name, and a breach of it."""

import datetime as dt
from copy import deepcopy
from typing import Any

from django.utils import timezone

from enterprises.models import ConsentReading
from finance.models import (
    Score,
    ScoreBin,
    ScoreComparison,
    ScoreEditor,
    ScoreModel,
    ScoreRun,
    ScoreSheet,
    ScoreVersion,
)
from portal.accounts.roles import Role
from tests.enterprises.consents.factories import consent_of
from tests.enterprises.factories import EnterpriseFactory
from tests.finance.scoring.factories import DEBT, TABLE, drafted, in_use, official, small_draft
from tests.rows import change, copy, delete

DAY = dt.date(2026, 6, 15)


def publish(version: ScoreVersion, **columns: Any) -> ScoreVersion:
    """Past the services, as a hand in the database would."""
    columns = {"state": "published", "published_at": timezone.now(), **columns}
    ScoreVersion.objects.filter(pk=version.pk).update(**columns)
    return version


def small(number: int, alter: Any, **figures: Any) -> ScoreVersion:
    """A small draft with one characteristic altered."""
    rows = deepcopy(TABLE)
    alter(rows[number])
    return small_draft(table=rows, **figures)


def with_a_hole() -> ScoreVersion:
    version = small_draft()
    ScoreBin.objects.filter(characteristic__version=version, label="中").update(upper=60)
    return version


def shifted(row: dict[str, Any]) -> None:
    """All bins gain: what is missing would count as a loss."""
    for one in row["bins"]:
        one.update(points=one["points"] + 2000, reason="x")


def a_bin(**columns: Any) -> ScoreBin:
    characteristic = small_draft().characteristics.get(key="debt")
    return characteristic.bins.create(**{"label": "x", "points": 0, "position": 9, "values": ["Z"]} | columns)


def a_characteristic(**columns: Any) -> None:
    told = {"key": "more", "label": "x", "dimension": "tax"} | columns
    small_draft(table=[DEBT]).characteristics.create(**told)


def a_version(**columns: Any) -> ScoreVersion:
    version = publish(small_draft())
    told = {
        "number": 2,
        "base": 0,
        "tax_weight": 30,
        "trust_weight": 30,
        "conduct_weight": 25,
        "scene_weight": 15,
    }
    return ScoreVersion.objects.create(model=version.model, **told | columns)


def retired() -> ScoreVersion:
    version = publish(small_draft())
    change(version, state="retired", retired_at=timezone.now())
    return version


def edited() -> ScoreVersion:
    version = small_draft(edited_by=official(Role.EDITOR))
    change(version, edited_by_id=official(Role.EDITOR).pk)
    return version


def a_reading() -> ConsentReading:
    told = {"at": timezone.now(), "keys": {"facts": [], "credentials": []}}
    return ConsentReading.objects.create(consent=consent_of(), client="bank", **told)


def a_score(**columns: Any) -> Score:
    version, card = in_use()
    reading = a_reading()
    told = {
        "enterprise": reading.consent.enterprise,
        "reading": reading,
        "version": version,
        "as_of": DAY,
        "known_at": reading.at,
        "base": card.base,
        "points": card.base + 100,
        "low": card.base,
        "high": card.base + 300,
        "parts": [{"points": 100, "low": 0, "high": 300}],
        "digest": "x",
    }
    return Score.objects.create(**told | columns)


def a_run(**columns: Any) -> ScoreRun:
    return ScoreRun.objects.create(
        **{"version": in_use()[0], "as_of": DAY, "known_at": timezone.now()} | columns
    )


def a_comparison(**columns: Any) -> ScoreComparison:
    told = {"draft": small_draft(), "as_of": DAY, "known_at": timezone.now(), "digest": "x"}
    return ScoreComparison.objects.create(**told | columns)


def a_sheet(**columns: Any) -> ScoreSheet:
    told = {
        "run": a_run(),
        "first": 1,
        "last": 2,
        "count": 2,
        "settled": 1,
        "bands": [0] * 10,
        "payload": b"",
    }
    return ScoreSheet.objects.create(**told | columns)


def two_editors() -> None:
    version = small_draft(edited_by=official(Role.EDITOR))
    ScoreEditor.objects.create(version=version, user=version.edited_by)


def twice_at(row: Any) -> None:
    """A second draft, or a second one published, of one model."""
    copy(row, number=9)


def run_on(row: Any) -> Any:
    """Taken up as a worker would."""
    row.start(5)
    return row


CASES = [
    ("finance_scoremodel_code", lambda: ScoreModel.objects.create(code="Model", name="x")),
    ("finance_scoremodel_code_key", lambda: ScoreModel.objects.create(code="general", name="x")),
    ("finance_scoreversion_number_once", lambda: a_version(number=1)),
    ("finance_scoreversion_number_positive", lambda: a_version(number=0)),
    ("finance_scoreversion_weights_make_100", lambda: a_version(tax_weight=31)),
    ("finance_scoreversion_base", lambda: a_version(base=10_001)),
    ("finance_scoreversion_one_draft", lambda: twice_at(small_draft())),
    ("finance_scoreversion_one_in_use", lambda: publish(drafted(), published_by=official(Role.PUBLISHER))),
    ("finance_scoreversion_signed", lambda: publish(small_draft(), published_at=None)),
    ("finance_scoreversion_signed", lambda: change(small_draft(), published_at=timezone.now())),
    ("finance_scoreversion_signed", lambda: change(publish(small_draft()), state="retired")),
    ("finance_scoreversion_stands", lambda: change(publish(small_draft()), note="改")),
    ("finance_scoreversion_stands", lambda: change(retired(), retired_at=DAY)),
    (
        "finance_scoreversion_state_transitions INSERT",
        lambda: a_version(state="retired", retired_at=timezone.now(), published_at=timezone.now()),
    ),
    (
        "finance_scoreversion_state_transitions UPDATE",
        lambda: change(retired(), state="draft"),
    ),
    (
        "finance_scoreversion_state_transitions DELETE",
        lambda: delete(
            ScoreVersion.objects.create(
                model=ScoreModel.objects.create(code="bare", name="x"),
                number=1,
                base=0,
                tax_weight=25,
                trust_weight=25,
                conduct_weight=25,
                scene_weight=25,
            )
        ),
    ),
    ("finance_scoreeditor_once", two_editors),
    ("finance_score_four_eyes", lambda: (lambda row: publish(row, published_by=row.edited_by))(edited())),
    ("finance_score_four_eyes", lambda: publish(edited())),
    ("finance_score_monotone", lambda: publish(small(2, lambda row: row.update(monotone="rising")))),
    ("finance_score_monotone", lambda: publish(small(0, lambda row: row.update(monotone="rising")))),
    ("finance_score_weights", lambda: publish(small_draft(tax_weight=31, trust_weight=29))),
    ("finance_score_weights", lambda: publish(small_draft(base=5499))),
    # D falls nowhere; A falls in two; there is no E; grades are no certificates
    (
        "finance_score_bins_whole",
        lambda: publish(small(0, lambda row: row["bins"][1].update(values=["M", "C"]))),
    ),
    (
        "finance_score_bins_whole",
        lambda: publish(small(0, lambda row: row["bins"][1].update(values=["A", "M", "C", "D"]))),
    ),
    (
        "finance_score_bins_whole",
        lambda: publish(small(0, lambda row: row["bins"][1].update(values=["M", "C", "D", "E"]))),
    ),
    ("finance_score_bins_whole", lambda: publish(small(0, lambda row: row.pop("fact")))),
    # yes falls nowhere; a figure in values; values in figures; what it trades in; a fact of a claim; no bins
    ("finance_score_bins_whole", lambda: publish(small(1, lambda row: row["bins"].pop()))),
    ("finance_score_bins_whole", lambda: publish(small(1, lambda row: row.update(fact="debt_ratio")))),
    ("finance_score_bins_whole", lambda: publish(small(2, lambda row: row.update(fact="serious_dishonest")))),
    ("finance_score_bins_whole", lambda: publish(small(2, lambda row: row.update(fact="industry")))),
    ("finance_score_bins_whole", lambda: publish(small(2, lambda row: row.update(fact="loan_amount")))),
    ("finance_score_bins_whole", lambda: publish(small(2, lambda row: row["bins"].clear()))),
    ("finance_score_bins_whole", lambda: publish(small(2, shifted, base=3500))),
    ("finance_score_bins_whole", lambda: publish(with_a_hole())),
    # firms without a certificate fall nowhere; a kind without a complete list
    ("finance_score_bins_whole", lambda: publish(small(3, lambda row: row["bins"].pop()))),
    (
        "finance_score_bins_whole",
        lambda: publish(small(3, lambda row: row["bins"][0].update(values=["rd_institution"]))),
    ),
    ("finance_scorecharacteristic_once", lambda: a_characteristic(key="debt")),
    ("finance_scorecharacteristic_key", lambda: a_characteristic(key="Debt")),
    ("finance_scorecharacteristic_dimension", lambda: a_characteristic(dimension="luck")),
    ("finance_scorecharacteristic_monotone", lambda: a_characteristic(monotone="sideways")),
    ("finance_scorecharacteristic_years", lambda: a_characteristic(years=11)),
    ("finance_scorebin_figure_or_values", lambda: a_bin(lower=1)),
    ("finance_scorebin_in_order", lambda: a_bin(values=None, lower=2, upper=1)),
    ("finance_scorebin_points", lambda: a_bin(points=10_001, reason="x")),
    ("finance_scorebin_reasoned", lambda: a_bin(points=1)),
    ("finance_scorebin_position_once", lambda: a_bin(position=1)),
    ("finance_scorebin_apart", lambda: a_bin(values=None, lower=69, upper=71)),
    (
        "finance_score_within_range",
        lambda: a_score(low=5_200, parts=[{"points": 100, "low": 200, "high": 300}]),
    ),
    ("finance_score_reading_id_key", lambda: copy(a_score())),
    ("finance_score_of_reading", lambda: a_score(enterprise=EnterpriseFactory())),
    ("finance_score_of_reading", lambda: a_score(known_at=timezone.now())),
    ("finance_score_sums", lambda: a_score(points=5_101)),
    ("finance_score_sums", lambda: a_score(low=4_999)),
    ("finance_score_sums", lambda: a_score(high=5_301)),
    ("finance_score_sums", lambda: a_score(base=4_900, points=5_000, low=4_900, high=5_200)),
    ("finance_score_sums", lambda: a_score(parts=[])),
    ("finance_scorerun_stands", lambda: change(a_run(), as_of=DAY + dt.timedelta(days=1))),
    ("finance_scorerun_done_within_total", lambda: change(a_run(), done=1)),
    ("finance_scorerun_started", lambda: change(a_run(), state="running")),
    ("finance_scorerun_finished", lambda: change(run_on(a_run()), state="done")),
    ("finance_scorerun_state_transitions INSERT", lambda: a_run(state="running", started_at=timezone.now())),
    (
        "finance_scorerun_state_transitions UPDATE",
        lambda: change(a_run(), state="done", started_at=DAY, finished_at=DAY),
    ),
    ("finance_scorerun_state_transitions DELETE", lambda: delete(run_on(a_run()))),
    ("finance_scorecomparison_done_within_total", lambda: change(a_comparison(), done=1)),
    ("finance_scorecomparison_started", lambda: change(a_comparison(), state="running")),
    ("finance_scorecomparison_finished", lambda: change(run_on(a_comparison()), state="done")),
    (
        "finance_scorecomparison_state_transitions INSERT",
        lambda: a_comparison(state="running", started_at=timezone.now()),
    ),
    (
        "finance_scorecomparison_state_transitions UPDATE",
        lambda: change(a_comparison(), state="done", started_at=DAY, finished_at=DAY),
    ),
    ("finance_scorecomparison_state_transitions DELETE", lambda: delete(run_on(a_comparison()))),
    ("finance_scoresheet_once", lambda: copy(a_sheet())),
    ("finance_scoresheet_in_order", lambda: a_sheet(first=3)),
    ("finance_scoresheet_in_order", lambda: a_sheet(settled=3)),
]
"""A name that ends with a step belongs to a trigger of states, which tells only the name before it."""
