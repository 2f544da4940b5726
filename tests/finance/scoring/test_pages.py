"""The enterprise's own page, the office's, and the back office."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enterprises.consents.reading import read
from finance.models import Score, ScoreBin, ScoreComparison, ScoreRun, ScoreVersion
from finance.scoring import comparing, publishing, runs
from finance.scoring.cards import card_of
from finance.scoring.consented import for_consent
from finance.scoring.monitoring import Outcome, bands, percent, stability
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp
from portal.kernel.models import Progress
from portal.kernel.versions import VersionState
from tests.accounts.factories import UserFactory
from tests.clients import cheap, signed_in
from tests.enterprises.consents.factories import consent_of, reader_of
from tests.enterprises.factories import actor_of, give_value
from tests.finance.scoring.factories import drafted, general, in_use, official

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    actor = actor_of()
    today = timezone.localdate()
    give_value(actor.enterprise, "tax_credit_grade", period=today.year, text="B", as_of=today)
    give_value(actor.enterprise, "tax_arrears", scaled=1, as_of=today)
    return actor


def own(actor) -> str:
    return reverse("enterprise_score", args=[actor.enterprise.pk])


def office() -> Department:
    return Department.objects.get(code="financial_services")


def watched() -> str:
    return reverse("desk_scoring", args=[office().pk])


def at_desk(role: Role) -> Client:
    user = official(role)
    enable_totp(user)
    return signed_in(user)


def test_the_owner_sees_every_reason_and_what_to_do(owner) -> None:
    answer = cheap(signed_in(owner.user), own(owner))
    view = answer.context["score"]
    lines = [line for dimension in view.dimensions for line in dimension.lines]
    _version, card = in_use()
    assert len(lines) == len(card.characteristics)
    assert view.points == "48.00"  # 50, +4 for grade B, −6 for arrears
    text = answer.content.decode()
    assert "仅供银行参考" in text
    assert "拒绝" not in text
    assert "有欠税未缴清" in text
    assert [(tip.label, tip.gain) for tip in view.tips][:2] == [
        ("欠税情况", "+8.00"),
        ("纳税缴费信用级别", "+4.00"),
    ]
    assert any(gap.url for gap in view.gaps) or all("提供" in gap.said for gap in view.gaps)


def hundredths(shown: str) -> int:
    return int(shown.replace(".", "").replace("−", "-"))


def test_dimensions_make_the_score(owner) -> None:
    view = signed_in(owner.user).get(own(owner)).context["score"]
    told = sum(int(one.points.replace(".", "")) for one in view.dimensions)
    assert told == view.place
    assert sum(one.weight for one in view.dimensions) == 100
    for one in view.dimensions:
        lines = sum(hundredths(line.points) for line in one.lines)
        assert hundredths(one.start) + lines == hundredths(one.points), one.label


def test_what_changed_since_the_last_run_is_named(owner) -> None:
    run = runs.new_run(as_of=timezone.localdate() - dt.timedelta(days=30))
    runs.work(run)
    answer = cheap(signed_in(owner.user), own(owner))
    assert answer.context["since"].run == run
    assert sorted(one.moved for one in answer.context["changes"]) == ["+4.00", "−6.00"]


def test_nobody_else_sees_it_and_nothing_is_written(owner) -> None:
    assert signed_in(UserFactory()).get(own(owner)).status_code == 404
    assert Client().get(own(owner)).status_code == 302
    signed_in(owner.user).get(own(owner))
    assert not Score.objects.exists()


def test_the_owner_sees_what_score_each_bank_had(owner) -> None:
    consent = consent_of(owner, facts=["tax_credit_grade"], credentials=())
    for_consent(read(consent.pk, reader_of(consent), at=timezone.now()))
    other = actor_of()
    (row,) = cheap(signed_in(owner.user), own(owner)).context["seen"]
    assert (row.whom, row.words.split("（")[0]) == (
        consent.grantee.name,
        "54.00",
    )  # arrears are not let known
    assert signed_in(other.user).get(own(other)).context["seen"] == []


def test_without_a_version_in_use_the_page_says_so(owner) -> None:
    publishing.retire(in_use()[0], by=official(Role.PUBLISHER), reason="停用")
    answer = signed_in(owner.user).get(own(owner))
    assert "评分标准正在更新" in answer.content.decode()


def test_the_office_watches_and_nobody_else() -> None:
    client = at_desk(Role.EDITOR)
    assert "还没有批量评分" in cheap(client, watched()).content.decode()
    stranger = reverse("desk_scoring", args=[Department.objects.get(code="tax").pk])
    assert client.get(stranger).status_code == 404
    assert at_desk(Role.HANDLER).get(watched()).status_code == 404


def test_a_run_from_the_page_and_its_distribution(owner) -> None:
    client = at_desk(Role.PUBLISHER)
    begin = reverse("desk_scoring_run", args=[office().pk])
    assert client.post(begin).status_code == 302
    assert "正在进行" in client.post(begin, follow=True).content.decode()
    runs.work(ScoreRun.objects.get())
    earlier = runs.new_run(as_of=timezone.localdate() - dt.timedelta(days=30))
    runs.work(earlier)
    answer = cheap(client, watched())
    assert answer.context["spread"].counts == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert answer.context["before"].run == earlier
    assert answer.context["stability"].state == "late"  # the one firm went from 50 to 48
    assert answer.context["loans"] == 0
    assert at_desk(Role.LEADER).post(begin).status_code == 404
    for query in ({"run": "x", "than": "-1"}, {"run": str(2**70)}):
        assert client.get(watched(), query).status_code == 200


@pytest.mark.parametrize(
    ("before", "after", "index"),
    [
        ([10, 0], [10, 0], 0.0),
        ([50, 50], [40, 60], 0.0405),
        ([0, 0], [1, 1], None),
        ([1, 1], [0, 0], None),
    ],
)
def test_stability(before: list[int], after: list[int], index: float | None) -> None:
    assert stability(before, after) == index


def test_defaults_by_band() -> None:
    ended = [Outcome(4_999, False), Outcome(4_000, True), Outcome(10_000, False)]
    told = bands([0, 0, 0, 0, 2, 0, 0, 0, 0, 1], ended)
    assert (told[4].loans, told[4].defaults, told[4].default_rate) == (2, 1, "50.0%")
    assert (told[9].label, told[9].loans, told[9].default_rate) == ("90–100", 1, "0.0%")
    assert (told[0].share, told[0].default_rate, percent(1, 3)) == ("0.0%", "—", "33.3%")


def test_shares_of_bands_add_up_to_all() -> None:
    """So they do not where each is rounded alone: 1 and 9 of 10,002 made 100.1 %."""
    assert [band.share for band in bands([0, 0, 1, 9, 9_992, *[0] * 5])][2:5] == ["<0.1%", "0.1%", "99.9%"]
    assert [band.share for band in bands([1, 1, 1, *[0] * 7])][:3] == ["33.4%", "33.3%", "33.3%"]
    assert {band.share for band in bands([0] * 10)} == {"—"}


def staff(role: Role):
    user = official(role)
    user.is_staff = True
    user.save()
    enable_totp(user)
    return user


def change(row) -> str:
    return reverse(f"admin:finance_{row._meta.model_name}_change", args=[row.pk])


def test_from_a_draft_to_its_publication_in_the_back_office() -> None:
    editor, publisher = staff(Role.EDITOR), staff(Role.PUBLISHER)
    client = signed_in(editor)
    begin = reverse("admin:finance_scoremodel_start_draft", args=[general().pk])
    assert client.get(begin).status_code == 200
    answer = client.post(begin, {"reason": ""})
    draft = ScoreVersion.objects.get(state=VersionState.DRAFT)
    assert answer.url == change(draft)
    arrears = draft.characteristics.get(key="enforcement")
    page = client.get(change(arrears))
    assert page.status_code == 200
    form = formset_of(page)
    form["bins-0-upper"] = "2"
    form["bins-1-lower"] = "2"
    assert client.post(change(arrears), form).status_code == 302
    assert [one.lower for one in arrears.bins.order_by("position")] == [None, 2, 3]
    form = formset_of(client.get(change(arrears))) | {"bins-1-lower": "1"}
    assert "重叠" in client.post(change(arrears), form).content.decode()

    client = signed_in(publisher)
    step = reverse("admin:finance_scoreversion_publish", args=[draft.pk])
    seen = client.get(step).context["form"]["seen"].value()
    assert seen == card_of(draft).digest
    assert "请先与使用中的版本比较" in client.post(step, {"seen": seen}).content.decode()
    client.post(reverse("admin:finance_scoreversion_compare", args=[draft.pk]), {})
    comparing.work(comparison := ScoreComparison.objects.get())
    assert comparison.state == Progress.DONE
    assert "得分分布" in client.get(change(comparison)).content.decode()
    assert "草稿在您查看之后又改过" in client.post(step, {"seen": "x"}).content.decode()
    assert client.post(step, {"seen": seen}).status_code == 302
    assert in_use()[0] == draft
    assert signed_in(editor).get(change(arrears)).status_code == 200  # to look at


def test_a_draft_is_let_go_in_the_back_office_with_a_reason() -> None:
    draft, client = drafted(), signed_in(staff(Role.EDITOR))
    step = reverse("admin:finance_scoreversion_discard", args=[draft.pk])
    assert client.post(step, {"reason": ""}).status_code == 200
    assert client.post(step, {"reason": "不再需要"}).url == change(draft)
    page = client.get(change(draft)).content.decode()
    assert "放弃草稿 → 已放弃" in page
    assert "不再需要" in page


def formset_of(page) -> dict[str, str]:
    """What the forms of an admin page would post as they stand."""
    told = {}
    for form in (
        page.context["adminform"].form,
        *(one for each in page.context["inline_admin_formsets"] for one in each.formset.forms),
    ):
        for bound in form:
            value = bound.value()
            told[bound.html_name] = (
                "" if value is None else ",".join(value) if isinstance(value, list) else str(value)
            )
    for each in page.context["inline_admin_formsets"]:
        for bound in each.formset.management_form:
            told[bound.html_name] = str(bound.value())
    return told


def test_bins_of_a_published_version_are_only_looked_at() -> None:
    version, _card = in_use()
    one = version.characteristics.first()
    client = signed_in(staff(Role.EDITOR))
    before = list(ScoreBin.objects.filter(characteristic=one).values_list("points", flat=True))
    assert client.post(change(one), {"label": "改"}).status_code == 403
    assert client.post(change(version), {"base": "1"}).status_code == 403
    assert list(ScoreBin.objects.filter(characteristic=one).values_list("points", flat=True)) == before
    for step in ("publish", "compare", "retire", "discard"):
        assert client.get(reverse(f"admin:finance_scoreversion_{step}", args=[version.pk])).status_code in (
            302,
            403,
        )
    assert drafted().number == version.number + 1
