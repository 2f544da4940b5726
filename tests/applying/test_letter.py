"""The decision letter: what was decided, why, by whom, how to contest it; words stay words."""

import datetime as dt
import io
import os

import pytest
from django.utils import timezone
from pypdf import PdfReader

from policies.applying.letter import content_of, letter_pdf
from policies.models import Application
from portal.kernel import typesetting
from portal.kernel.errors import DomainError
from tests.applying import factories as make

pytestmark = pytest.mark.django_db
NASTY = '#read("/etc/passwd") #panic(1) $x$ *粗* _斜_ `码` <label> \\ ] #pagebreak() ['


@pytest.fixture(autouse=True)
def _font():
    try:
        typesetting.chinese_font()
    except DomainError as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))


def words(application):
    """Its text without blanks and breaks."""
    pages = PdfReader(io.BytesIO(letter_pdf(application, timezone.now()))).pages
    text = "".join(page.extract_text() for page in pages)
    return "".join(text.replace("\u200b", "").split())


def test_an_approval_has_the_amount_in_figures_and_in_capitals():
    application = make.approved()
    text = words(application)
    evidence = application.evidence.get()
    for part in (
        application.number,
        application.enterprise.name,
        application.enterprise.uscc,
        application.version.title,
        application.item.department.name,
        "同意，核定金额200,000元（人民币贰拾万元整）。",
        f"拟定：{application.proposed_by}",
        f"审定：{application.decided_by}",
        evidence.digest,
        "六十日内",
        "县人民政府申请行政复议",
        "六个月内",
    ):
        assert "".join(str(part).split()) in text, part
    assert "理由：" not in text


def test_it_names_the_day_of_the_first_sending():
    application = make.refused()
    application.submitted_at -= dt.timedelta(days=40)
    first = timezone.localdate(application.submitted_at)
    day = f"{first.year} 年 {first.month} 月 {first.day} 日"
    assert f"你单位于 {day}提交的" in content_of(application)["opening"]


def test_a_refusal_has_clause_and_reason():
    text = words(make.refused())
    for part in ("不予支持。", "依据：《", "第三条", "理由：设备不在目录内", "行政诉讼法"):
        assert part in text
    assert "人民币" not in text


def test_there_is_none_before_the_decision():
    with pytest.raises(DomainError) as caught:
        letter_pdf(make.proposed(), timezone.now())
    assert caught.value.code == "undecided"


def test_words_are_set_and_never_evaluated():
    application = make.proposed("refuse", reason=f"{NASTY}\n第二行")
    make.deciding.refuse(application, by=make.leader(), at=make.now())
    assert "".join(NASTY.split()) in words(application)


def test_the_same_content_and_moment_give_the_same_bytes():
    application, now = make.approved(), timezone.now()
    again = Application.objects.get(pk=application.pk)
    assert letter_pdf(application, now) == letter_pdf(again, now)


def test_what_came_after_the_decision_changes_nothing():
    application = make.approved()
    before = content_of(application)
    again = Application.objects.get(pk=application.pk)
    again.version.withdrawal_reason = "已撤回"
    assert content_of(again) == before
