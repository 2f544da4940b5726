"""A bank's score: from what the enterprise consented to, and from nothing else."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from enterprises.consents.reading import Read, read
from finance.models import Score, ScoreVersion
from finance.scoring import consented, for_banks, publishing
from finance.scoring.consented import for_consent
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.enterprises.consents.factories import consent_of, reader_of
from tests.enterprises.factories import actor_of, give_value
from tests.finance.lending.refused import refused
from tests.finance.scoring.factories import official

pytestmark = pytest.mark.django_db


def handed_out(**terms: object) -> Read:
    """An enterprise of which both good and bad is known, and what it lets a bank know of it."""
    actor, today = actor_of(), timezone.localdate()
    columns = {"as_of": today}
    give_value(actor.enterprise, "tax_credit_grade", period=today.year, text="A", **columns)
    give_value(actor.enterprise, "tax_arrears", scaled=1, **columns)
    for key, scaled in {"total_assets": 200, "total_liabilities": 90}.items():
        give_value(actor.enterprise, key, period=today.year, scaled=scaled, **columns)
    consent = consent_of(actor, **terms)
    return read(consent.pk, reader_of(consent), at=timezone.now())


def parts(score: Score) -> dict[str, dict]:
    return {part["key"]: part for part in score.parts}


def test_what_is_not_consented_to_counts_as_missing() -> None:
    found = for_consent(handed_out(facts=["tax_credit_grade"], credentials=[]))
    told = parts(found)
    assert told["tax_grade"]["points"] == 800
    assert told["tax_arrears"] | {"standing": "withheld", "value": "", "points": 0} == told["tax_arrears"]
    assert (told["tax_arrears"]["low"], told["tax_arrears"]["high"]) == (-600, 200)
    assert told["innovation"]["standing"] == "withheld"
    assert found.low < found.points == 5_800 < found.high


def test_a_computed_fact_may_come_alone_or_from_its_makings() -> None:
    alone = parts(for_consent(handed_out(facts=["debt_ratio"])))["debt"]
    made = parts(for_consent(handed_out(facts=["total_assets", "total_liabilities"])))["debt"]
    assert alone["points"] == made["points"] == 200
    assert alone["value"] == made["value"] == "45%"
    assert parts(for_consent(handed_out(facts=["total_assets"])))["debt"]["standing"] == "withheld"


def test_certificates_count_where_all_their_kinds_are_let_know() -> None:
    kinds = ["agri_leader", "green_food", "organic", "geo_indication", "gap", "farm_brand"]
    assert parts(for_consent(handed_out(credentials=kinds)))["farming"]["standing"] == "known"
    assert parts(for_consent(handed_out(credentials=kinds[1:])))["farming"]["standing"] == "withheld"


def test_a_reading_has_one_score() -> None:
    given = handed_out()
    assert for_consent(given) == for_consent(given)
    assert Score.objects.get().reading == given.reading


def test_each_bank_has_the_score_of_what_it_was_let_know() -> None:
    actor = actor_of()
    give_value(actor.enterprise, "tax_arrears", scaled=1, as_of=timezone.localdate())
    knows, does_not = (
        read(consent.pk, reader_of(consent), at=timezone.now())
        for consent in (consent_of(actor, facts=["tax_arrears"]), consent_of(actor, facts=["revenue"]))
    )
    low, high = for_consent(knows), for_consent(does_not)
    assert (low.reading, high.reading) == (knows.reading, does_not.reading)
    assert low.points < high.points
    again = read(knows.consent.pk, reader_of(knows.consent), at=timezone.now())
    assert for_consent(again).reading == again.reading
    assert for_consent(again).points == low.points


def test_a_version_retired_in_between_gives_way_to_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    given = handed_out()
    before = consented.version_in_use()
    successor = ScoreVersion.objects.create(
        model=before.model,
        number=2,
        edited_by=official(Role.EDITOR),
        **{name: getattr(before, name) for name in publishing.COPIED},
    )
    asked = iter([before])
    publishing.retire(before, by=official(Role.PUBLISHER), reason="停用")
    monkeypatch.setattr(consented, "version_in_use", lambda: next(asked, None) or none_in_use())

    def none_in_use() -> ScoreVersion:
        raise DomainError("评分标准尚未发布", code="no_version")

    with pytest.raises(DomainError, match="尚未发布"):
        for_consent(given)
    assert successor.is_draft
    assert not Score.objects.exists()


def test_a_desk_shows_every_reason_and_what_hangs_on_the_rest() -> None:
    found = for_consent(handed_out(facts=["tax_credit_grade"], credentials=[]))
    view = for_banks.of(found)
    reasons = {one.label: one for _label, rows in view.groups for one in rows}
    assert [label for label, _rows in view.groups] == ["纳税信用", "履约诚信", "经营行为", "场景特征"]
    assert len(reasons) == len(found.parts)
    assert {one.state for one in reasons.values()} == {"done", "due"}
    withheld = [one for one in reasons.values() if one.value == "未授权查阅"]
    assert withheld
    assert all("资料到齐后" in one.words for one in withheld if one.state == "due")
    assert (view.settled, view.width) == (False, found.high - found.low)


def test_while_versions_change_nobody_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consented, "reckon", lambda read, version: None)
    monkeypatch.setattr(consented, "record", lambda *told: None)
    with refused("version_changing"):
        for_consent(SimpleNamespace(reading=None))
