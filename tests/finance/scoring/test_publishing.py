"""A version's life: drafted from the one in use, compared, published by another, retired."""

import pytest

from enterprises.services import load_catalogue
from finance.models import ScoreBin, ScoreComparison
from finance.scoring import comparing, publishing
from finance.scoring.cards import card_of, version_in_use
from finance.scoring.checks import shortcomings
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress
from portal.kernel.versions import VersionState
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance.scoring.factories import (
    DEBT,
    GRADE,
    TABLE,
    drafted,
    general,
    in_use,
    official,
    small_draft,
)

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def compared(draft) -> str:
    """The draft's digest, once it was compared with the version in use."""
    made = comparing.ask(draft, by=official(Role.PUBLISHER))
    comparing.work(made)
    assert made.state == Progress.DONE
    return made.digest


def test_a_draft_says_what_the_version_in_use_says() -> None:
    version, card = in_use()
    editor = official(Role.EDITOR)
    draft = drafted(editor)
    assert (draft.number, draft.state, draft.edited_by) == (version.number + 1, VersionState.DRAFT, editor)
    assert card_of(draft).digest == card.digest
    assert list(draft.editors.values_list("user", flat=True)) == [editor.pk]
    with refused("in_preparation"):
        drafted(editor)


def test_published_by_another_once_compared() -> None:
    before, _card = in_use()
    draft = drafted()
    publisher = official(Role.PUBLISHER)
    with refused("not_compared"):
        publishing.publish(draft, by=publisher, seen=card_of(draft).digest)
    seen = compared(draft)
    publishing.publish(draft, by=publisher, seen=seen, comment="年度修订")
    before.refresh_from_db()
    assert before.state == VersionState.RETIRED
    assert version_in_use() == draft
    assert list(draft.events.values_list("name", "comment")) == [("publish", "年度修订")]
    with refused("not_a_draft"):
        publishing.publish(draft, by=publisher, seen=seen)


def test_what_changed_since_it_was_looked_at_is_not_published() -> None:
    draft = drafted()
    seen = compared(draft)
    ScoreBin.objects.filter(characteristic__version=draft, tip="").update(tip="改")
    publisher = official(Role.PUBLISHER)
    with refused("changed"):
        publishing.publish(draft, by=publisher, seen=seen)
    with refused("not_compared"):
        publishing.publish(draft, by=publisher, seen=card_of(draft).digest)


def test_nobody_publishes_what_he_wrote() -> None:
    both = official(Role.EDITOR)
    both.postings.create(department=both.postings.get().department, role=Role.PUBLISHER)
    both = type(both).objects.get(pk=both.pk)
    draft = drafted()
    publishing.note_editor(draft, by=both)
    with refused("four_eyes"):
        publishing.publish(draft, by=both, seen=card_of(draft).digest)


def test_roles_are_those_of_the_office() -> None:
    stranger = UserFactory()
    draft = drafted()
    for act in (
        lambda: publishing.start_draft(general(), by=stranger),
        lambda: publishing.note_editor(draft, by=stranger),
        lambda: publishing.publish(draft, by=stranger, seen=""),
        lambda: publishing.retire(in_use()[0], by=stranger, reason="x"),
        lambda: publishing.discard(draft, by=stranger, reason="x"),
        lambda: comparing.ask(draft, by=stranger),
    ):
        with refused("no_role"):
            act()


def test_what_is_not_sound_is_told_in_words() -> None:
    draft = drafted()
    ScoreBin.objects.filter(
        characteristic__version=draft, characteristic__key="tax_grade", points=800
    ).update(points=700)
    publisher = official(Role.PUBLISHER)
    with refused("not_ready") as refusal:
        publishing.publish(draft, by=publisher, seen=card_of(draft).digest)
    assert "纳税信用" in refusal.value.message
    assert "29.00" in refusal.value.message
    with refused("not_ready"):
        comparing.ask(draft, by=publisher)


def test_a_published_version_is_not_edited_and_a_retired_one_not_used() -> None:
    version, _card = in_use()
    with refused("not_a_draft"):
        publishing.note_editor(version, by=official(Role.EDITOR))
    with refused("not_a_draft"):
        comparing.ask(version, by=official(Role.PUBLISHER))
    with refused("no_reason"):
        publishing.retire(version, by=official(Role.PUBLISHER), reason=" ")
    publishing.retire(version, by=official(Role.PUBLISHER), reason="停用复核")
    with refused("no_version"):
        version_in_use()


def test_a_draft_that_nobody_wants_is_let_go() -> None:
    version, _card = in_use()
    draft, editor = drafted(), official(Role.EDITOR)
    publishing.discard(draft, by=editor, reason="不再需要")
    assert (draft.state, draft.events.get().comment) == (VersionState.DISCARDED, "不再需要")
    with refused("not_a_draft"):
        publishing.note_editor(draft, by=editor)
    again = drafted(editor)
    assert (again.number, version_in_use()) == (version.number + 2, version)


def test_a_comparison_names_who_would_move() -> None:
    firm = EnterpriseFactory()
    give_value(firm, "tax_arrears", scaled=1)
    draft = drafted()
    bins = ScoreBin.objects.filter(characteristic__version=draft, characteristic__key="tax_arrears")
    bins.filter(points=-600).update(points=-500)
    bins.filter(points=200).update(points=300)
    draft.base -= 100
    draft.save()
    made = comparing.ask(draft, by=official(Role.PUBLISHER))
    comparing.work(made)
    made = ScoreComparison.objects.get(pk=made.pk)
    assert made.result["fell"] == 0  # the base took what the bin gave
    assert made.result["count"] == sum(made.result["after"]) == sum(made.result["before"]) == 1
    assert made.result["psi"] == 0.0


def test_a_comparison_of_a_draft_that_was_changed_meanwhile_fails() -> None:
    draft = drafted()
    made = comparing.ask(draft, by=official(Role.PUBLISHER))
    ScoreBin.objects.filter(characteristic__version=draft, tip="").update(tip="改")
    comparing.work(made)
    assert made.state == Progress.FAILED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([], "与权重"),
        ([{**GRADE, "bins": []}, *TABLE[1:]], "没有分档"),
        ([{**GRADE, "bins": [GRADE["bins"][0]]}, *TABLE[1:]], "不减分"),
        ([{**GRADE, "fact": "industry"}, *TABLE[1:]], "不能用来评分"),
        ([{**GRADE, "fact": "debt_ratio"}, *TABLE[1:]], "类型不符"),
        ([{**GRADE, "monotone": "rising"}, *TABLE[1:]], "不能声明单调"),
        ([*TABLE[:2], {**DEBT, "monotone": "rising"}, TABLE[3]], "单调变化"),
        ([*TABLE[:2], {**DEBT, "bins": DEBT["bins"][1:]}, TABLE[3]], "空档"),
        (
            [*TABLE[:3], {**TABLE[3], "bins": [{**TABLE[3]["bins"][0], "values": ["rd_institution"]}]}],
            "完整名单",
        ),
        ([*TABLE[:3], {**TABLE[3], "bins": TABLE[3]["bins"][:1]}], "缺“没有这些资质”"),
    ],
)
def test_shortcomings(table: list, words: str) -> None:
    draft = small_draft(table=table)
    assert any(words in one for one in shortcomings(card_of(draft), load_catalogue()))


def test_a_sound_draft_has_none() -> None:
    assert shortcomings(card_of(small_draft()), load_catalogue()) == []
