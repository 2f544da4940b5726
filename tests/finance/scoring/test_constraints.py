"""What the database refuses of points tables and scores, whoever writes."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from finance.models import Score, ScoreBin, ScoreRun, ScoreSheet, ScoreVersion
from finance.scoring.enums import ScoreState
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory
from tests.finance.scoring.factories import DEBT, TABLE, drafted, in_use, official, small_draft

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 15)


@contextmanager
def refused(name: str) -> Iterator[None]:
    """By the constraint of that name, or one that begins so."""
    with pytest.raises(IntegrityError) as refusal:
        yield
    assert refusal.value.__cause__.diag.constraint_name.startswith(name)


def publish(version: ScoreVersion, **columns: Any) -> None:
    """Past the services, as a hand in the database would."""
    columns = {"published_at": timezone.now(), **columns}
    with transaction.atomic():
        ScoreVersion.objects.filter(pk=version.pk).update(state=ScoreState.PUBLISHED, **columns)


def table(number: int, change: Any) -> list[dict[str, Any]]:
    rows = deepcopy(TABLE)
    change(rows[number])
    return rows


def test_a_sound_draft_may_be_published() -> None:
    version = small_draft()
    publish(version)
    with refused("finance_scoreversion_stands"), transaction.atomic():
        ScoreVersion.objects.filter(pk=version.pk).update(note="改")
    with refused("finance_scorebins_stand"), transaction.atomic():
        ScoreBin.objects.filter(characteristic__version=version).update(tip="改")
    with refused("finance_scorebins_stand"), transaction.atomic():
        ScoreBin.objects.filter(characteristic__version=version).delete()
    with refused("finance_scorebins_stand"), transaction.atomic():
        version.characteristics.update(label="改")
    with refused("finance_scorebins_stand"), transaction.atomic():
        version.characteristics.create(key="more", label="多", dimension="tax", position=9)
    with refused("finance_scoreversion_state_transitions"), transaction.atomic():
        ScoreVersion.objects.filter(pk=version.pk).update(state="draft")


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, lambda row: row["bins"][1].update(values=["M", "C"])),  # D falls nowhere
        (0, lambda row: row["bins"][1].update(values=["A", "M", "C", "D"])),  # A falls in two
        (0, lambda row: row["bins"][1].update(values=["M", "C", "D", "E"])),  # there is no E
        (0, lambda row: row.pop("fact")),  # grades are no certificates
        (1, lambda row: row["bins"].pop()),  # yes falls nowhere
        (1, lambda row: row.update(fact="debt_ratio")),  # a figure in values
        (2, lambda row: row.update(fact="serious_dishonest")),  # values in figures
        (2, lambda row: row.update(fact="industry")),  # what it trades in does not count
        (2, lambda row: row.update(fact="loan_amount")),  # a fact of a claim
        (2, lambda row: row["bins"].clear()),
        (3, lambda row: row["bins"].pop()),  # firms without one fall nowhere
        (3, lambda row: row["bins"][0].update(values=["rd_institution"])),  # no complete list
    ],
)
def test_bins_must_be_whole(number: int, change: Any) -> None:
    with refused("finance_score_bins_whole"):
        publish(small_draft(table=table(number, change)))


def test_a_hole_between_figures_is_refused() -> None:
    version = small_draft()
    middle = ScoreBin.objects.get(characteristic__version=version, label="中")
    ScoreBin.objects.filter(pk=middle.pk).update(upper=60)
    with refused("finance_score_bins_whole"):
        publish(version)
    with refused("finance_scorebin_apart"), transaction.atomic():
        ScoreBin.objects.filter(pk=middle.pk).update(upper=80)


def test_missing_counts_neither_way_so_nought_lies_within() -> None:
    rows = table(2, lambda row: [one.update(points=one["points"] + 2000, reason="x") for one in row["bins"]])
    with refused("finance_score_bins_whole"):
        publish(small_draft(table=rows, base=3500))


def test_points_follow_the_figure() -> None:
    rows = table(2, lambda row: row.update(monotone="rising"))
    with refused("finance_score_monotone"):
        publish(small_draft(table=rows))
    rows = table(0, lambda row: row.update(monotone="rising"))
    with refused("finance_score_monotone"):
        publish(small_draft("other", table=rows))


@pytest.mark.parametrize("figures", [{"tax_weight": 31, "trust_weight": 29}, {"base": 5499}])
def test_points_make_the_weights_and_the_scale(figures: dict[str, int]) -> None:
    with refused("finance_score_weights"):
        publish(small_draft(**figures))


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("finance_scoreversion_weights_make_100", {"tax_weight": 31}),
        ("finance_scoreversion_base", {"base": 10_001}),
        ("finance_scoreversion_number_once", {}),
        ("finance_scoreversion_number_positive", {"number": 0}),
    ],
)
def test_versions(name: str, figures: dict[str, int]) -> None:
    version = small_draft()
    publish(version)
    told = {
        "number": 2,
        "base": 0,
        "tax_weight": 30,
        "trust_weight": 30,
        "conduct_weight": 25,
        "scene_weight": 15,
    }
    told |= figures or {"number": 1}
    with refused(name):
        ScoreVersion.objects.create(model=version.model, **told)


def test_one_draft_and_one_published() -> None:
    draft = drafted()
    told = {name: getattr(draft, name) for name in ("base", "tax_weight", "trust_weight", "conduct_weight")}
    with refused("finance_scoreversion_one_draft"), transaction.atomic():
        ScoreVersion.objects.create(model=draft.model, number=9, scene_weight=15, **told)
    with refused("finance_scoreversion_one_published"):
        publish(draft, published_by=official(Role.PUBLISHER))


def test_nobody_publishes_what_he_wrote() -> None:
    editor, second = official(Role.EDITOR), official(Role.EDITOR)
    version = small_draft(edited_by=editor)
    ScoreVersion.objects.filter(pk=version.pk).update(edited_by=second)
    for publisher in (editor, second, None):
        with refused("finance_score_four_eyes"):
            publish(version, published_by=publisher)
    publish(version, published_by=official(Role.PUBLISHER))


def test_when_it_was_published_and_retired_is_written_down() -> None:
    version = small_draft()
    with refused("finance_scoreversion_published_when"):
        publish(version, published_at=None)
    publish(version)
    with refused("finance_scoreversion_retired_when"), transaction.atomic():
        ScoreVersion.objects.filter(pk=version.pk).update(state=ScoreState.RETIRED)
    ScoreVersion.objects.filter(pk=version.pk).update(state=ScoreState.RETIRED, retired_at=timezone.now())
    with refused("finance_scoreversion_stands"):
        ScoreVersion.objects.filter(pk=version.pk).update(retired_at=timezone.now())


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("finance_scorebin_figure_or_values", {"values": ["A"], "lower": 1}),
        ("finance_scorebin_in_order", {"lower": 2, "upper": 1}),
        ("finance_scorebin_in_order", {"lower": 1, "upper": 1}),
        ("finance_scorebin_points", {"points": 10_001}),
        ("finance_scorebin_reasoned", {"points": 1}),
        ("finance_scorebin_position_once", {"position": 1}),
        ("finance_scorebin_apart", {"lower": 69, "upper": 71}),
    ],
)
def test_bins(name: str, columns: dict[str, Any]) -> None:
    characteristic = small_draft().characteristics.get(key="debt")
    told = {"label": "x", "points": 0, "position": 9, "values": ["Z"]} | columns
    if "lower" in columns and name != "finance_scorebin_figure_or_values":
        told["values"] = None
    with refused(name):
        characteristic.bins.create(**told)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("finance_scorecharacteristic_once", {"key": "debt"}),
        ("finance_scorecharacteristic_key", {"key": "Debt"}),
        ("finance_scorecharacteristic_dimension", {"dimension": "luck"}),
        ("finance_scorecharacteristic_monotone", {"monotone": "sideways"}),
        ("finance_scorecharacteristic_years", {"years": 11}),
    ],
)
def test_characteristics(name: str, columns: dict[str, Any]) -> None:
    told = {"key": "more", "label": "x", "dimension": "tax"} | columns
    with refused(name):
        small_draft(table=[DEBT]).characteristics.create(**told)


def a_score(**columns: Any) -> Score:
    version, card = in_use()
    told = {
        "enterprise": EnterpriseFactory(),
        "version": version,
        "as_of": DAY,
        "known_at": timezone.now(),
        "base": card.base,
        "points": card.base + 100,
        "low": card.base,
        "high": card.base + 300,
        "parts": [{"points": 100, "low": 0, "high": 300}],
        "digest": "x",
    }
    return Score.objects.create(**told | columns)


def test_the_reasons_of_a_score_add_up() -> None:
    assert a_score().pk
    for columns in (
        {"points": 5_101},
        {"low": 4_999},
        {"high": 5_301},
        {"base": 4_900, "points": 5_000, "low": 4_900, "high": 5_200},
        {"parts": []},
    ):
        with refused("finance_score_sums"), transaction.atomic():
            a_score(**columns)
    with refused("finance_score_within_range"), transaction.atomic():
        a_score(low=5_200, parts=[{"points": 100, "low": 200, "high": 300}])


def test_nobody_is_scored_by_a_version_that_is_not_in_use() -> None:
    draft = drafted()
    with refused("finance_score_in_use"), transaction.atomic():
        a_score(version=draft)
    with refused("finance_score_in_use"), transaction.atomic():
        ScoreRun.objects.create(version=draft, as_of=DAY, known_at=timezone.now())


def test_what_a_run_reckons_stands() -> None:
    version, _card = in_use()
    run = ScoreRun.objects.create(version=version, as_of=DAY, known_at=timezone.now())
    with refused("finance_scorerun_stands"), transaction.atomic():
        ScoreRun.objects.filter(pk=run.pk).update(as_of=DAY + dt.timedelta(days=1))
    sheet = {"run": run, "first": 1, "last": 2, "count": 2, "settled": 1, "bands": [0] * 10, "payload": b""}
    ScoreSheet.objects.create(**sheet)
    with refused("finance_scoresheet_once"), transaction.atomic():
        ScoreSheet.objects.create(**sheet)
    with refused("finance_scoresheet_in_order"), transaction.atomic():
        ScoreSheet.objects.create(**sheet | {"first": 3})
    with refused("finance_scoresheet_in_order"), transaction.atomic():
        ScoreSheet.objects.create(**sheet | {"first": 0, "settled": 3})


@pytest.mark.parametrize("table_name", ["finance_score", "finance_scoresheet", "finance_scoreeditor"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_is_written_stands(table_name: str, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table_name))
