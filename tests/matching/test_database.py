"""The engine over the real database: the same answers as the plain evaluator, pair by pair."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from enterprises.catalogue import Purpose, Tier
from enterprises.models import CodeList, Enterprise, ReferenceFigure
from matching.batch import frames
from matching.batch.results import Match
from matching.models import RuleVersion
from matching.plain.evaluate import Verdict
from matching.services import judge, judge_all, match_versions
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.matching.factories import RuleFactory, RuleVersionFactory, published
from tests.matching.judging import as_match
from tests.matching.population import AS_OF, EARLIER, populate

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).resolve().parents[2] / "policies" / "demo"


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    frames.forget()


def real_rules() -> list[RuleVersion]:
    """The rules of the demo's items, as published versions."""
    versions = []
    for path in sorted(DEMO.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]:
            rule = item.get("rule", item)
            given: dict[str, Any] = {
                key: rule[key] for key in ("conditions", "amount", "reference_year") if rule.get(key)
            }
            given["event_fact"] = rule.get("event_fact") or ""
            versions.append(published(rule=RuleFactory(label=item["code"]), **{"amount": None, **given}))
    return versions


def told(version: RuleVersion, enterprise_id: int, **when: Any) -> Match | None:
    """What the plain evaluator says, in the form of a batch result."""
    return as_match(enterprise_id, judge(version, enterprise_id, **when))


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("known_at", [None, EARLIER])
def test_batch_single_and_fast_path_agree_on_real_rules(
    purpose: Purpose, known_at: dt.datetime | None
) -> None:
    ids = populate(12)
    versions = real_rules()
    when = {"as_of": AS_OF, "known_at": known_at, "purpose": purpose}
    found = {version.pk: list(matches) for version, matches in match_versions(versions, **when)}
    verdicts = set()
    for version in versions:
        plain = [match for pk in ids if (match := told(version, pk, **when)) is not None]
        assert found[version.pk] == plain, version
        verdicts |= {match.eligible for match in plain}
    assert verdicts == {True, False}, "the population is too tame to prove anything"
    for pk in ids[:4]:
        for summary, version in zip(judge_all(pk, versions, **when), versions, strict=True):
            plain = judge(version, pk, **when)
            near = plain.near_miss.path if plain.near_miss else None
            assert (summary.verdict, summary.open, summary.amount) == (
                plain.verdict,
                plain.open,
                plain.amount,
            )
            assert (summary.near_miss, summary.near_miss_amount) == (near, plain.near_miss_amount)


def verdict_of(version: RuleVersion, enterprise: Enterprise, **when: Any) -> tuple[Verdict, int]:
    """Verdict by the single path, and how many the batch path finds."""
    found = dict(match_versions([version], **when))
    return judge(version, enterprise.pk, **when).verdict, len(found[version])


def test_a_past_verdict_replays_after_new_values_arrive() -> None:
    enterprise = EnterpriseFactory()
    version = published()
    before = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    old = {"period": 2025, "recorded_at": before, "as_of": dt.date(2026, 1, 31)}
    give_value(enterprise, "revenue", scaled=2_000_000_000, tier=Tier.DECLARED, **old)
    then = {"as_of": dt.date(2026, 3, 1), "known_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)}
    assert verdict_of(version, enterprise, **then) == (Verdict.ELIGIBLE, 1)

    late = {"period": 2025, "recorded_at": dt.datetime(2026, 4, 1, tzinfo=dt.UTC)}
    give_value(enterprise, "revenue", scaled=1_999_999_999, as_of=dt.date(2026, 2, 1), **late)

    assert verdict_of(version, enterprise, **then) == (Verdict.ELIGIBLE, 1)
    now = {"as_of": then["as_of"], "known_at": dt.datetime(2026, 5, 1, tzinfo=dt.UTC)}
    assert verdict_of(version, enterprise, **now) == (Verdict.INELIGIBLE, 0)
    earlier_day = {"as_of": dt.date(2026, 1, 31), "known_at": now["known_at"]}
    assert verdict_of(version, enterprise, **earlier_day) == (Verdict.ELIGIBLE, 1)


@pytest.mark.parametrize(
    "conditions",
    [
        {"fact": "region", "op": "within", "value": [{"list": "parks"}]},
        {"fact": "revenue", "period": "2025", "op": ">=", "value": {"figure": "wage_x"}},
    ],
)
def test_a_past_verdict_replays_after_a_list_or_figure_is_corrected(conditions: dict[str, Any]) -> None:
    before, later = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (2, 4))

    def record(codes: list[str], wage: int, recorded_at: dt.datetime) -> None:
        parks = {"key": "parks", "label": "园区", "hierarchy": "region", "codes": codes}
        CodeList.objects.create(**parks, recorded_at=recorded_at)
        wages = {"key": "wage_x", "label": "工资", "kind": "money", "unit": "元", "value": wage}
        ReferenceFigure.objects.create(**wages, on=dt.date(2025, 1, 1), recorded_at=recorded_at)

    record(["500231"], 2000, before)
    enterprise = EnterpriseFactory()
    known = {"recorded_at": before, "as_of": dt.date(2026, 1, 31), "tier": Tier.DECLARED}
    give_value(enterprise, "region", text="500231", **known)
    give_value(enterprise, "revenue", period=2025, scaled=200_000, **known)
    version = published(conditions=conditions, amount=None)

    def verdicts(month: int) -> list[Any]:
        moment = dt.datetime(2026, month, 1, tzinfo=dt.UTC)
        when = {"as_of": dt.date(2026, 6, 1), "known_at": moment}
        one, found = verdict_of(version, enterprise, **when)
        (among,) = match_versions([version], enterprise_ids=[enterprise.pk], **when)
        (quick,) = judge_all(enterprise.pk, [version], **when)
        return [one, quick.verdict, found, len(among[1])]

    fits, not_so = [Verdict.ELIGIBLE, Verdict.ELIGIBLE, 1, 1], [Verdict.INELIGIBLE, Verdict.INELIGIBLE, 0, 0]
    assert verdicts(5) == fits
    record(["500232"], 2001, later)
    assert [verdicts(5), verdicts(3), verdicts(5)] == [not_so, fits, not_so]


def test_paying_takes_official_values_only() -> None:
    enterprise = EnterpriseFactory()
    version = published()
    give_value(
        enterprise,
        "revenue",
        period=2025,
        scaled=2_000_000_000,
        tier=Tier.DECLARED,
        as_of=dt.date(2026, 1, 1),
    )
    assert verdict_of(version, enterprise, as_of=AS_OF) == (Verdict.ELIGIBLE, 1)
    assert verdict_of(version, enterprise, as_of=AS_OF, purpose=Purpose.PAY) == (Verdict.NEEDS_INFO, 1)
    judged = judge(version, enterprise.pk, as_of=AS_OF, purpose=Purpose.PAY)
    assert not judged.open, "the missing value is the firm's, not the claim's"


def test_a_draft_can_be_judged_and_is_not_remembered() -> None:
    enterprise = EnterpriseFactory()
    draft = RuleVersionFactory(conditions={"fact": "region", "op": "within", "value": ["500231"]})
    assert judge(draft, enterprise.pk, as_of=AS_OF).verdict is Verdict.NEEDS_INFO
    draft.conditions = {"fact": "region", "op": "known"}
    assert judge(draft, enterprise.pk, as_of=AS_OF).verdict is Verdict.NEEDS_INFO
    give_value(enterprise, "region", text="500232", as_of=AS_OF)
    assert judge(draft, enterprise.pk, as_of=AS_OF).verdict is Verdict.ELIGIBLE


def test_a_rule_that_the_catalogue_no_longer_bears_out_spoils_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (firm, *_others) = populate(3)
    parks = {"key": "parks", "label": "园区", "source": "试"}
    CodeList.objects.create(**parks, hierarchy="region", codes=["500231"])
    within = {"fact": "region", "op": "within", "value": [{"list": "parks"}]}
    fits = {"fact": "region", "op": "known"}
    broken, sound = published(conditions=within, amount=None), published(conditions=fits, amount=None)
    before = judge_all(firm, [broken, sound], as_of=AS_OF)
    CodeList.objects.create(**parks, hierarchy="prefix", codes=["园区"])
    after = judge_all(firm, [broken, sound], as_of=AS_OF)
    assert after[1].verdict == before[1].verdict
    assert after[0].verdict is Verdict.INELIGIBLE
    assert f"rule version {broken.pk} cannot be read" in caplog.text
    assert [version for version, _matches in match_versions([broken, sound], as_of=AS_OF)] == [broken, sound]
