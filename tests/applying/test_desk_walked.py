"""What a stranger who reviewed applications could not find or was let do at the desk."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.applying import drafts, files, sending
from policies.applying.grounds import grounds_of
from policies.applying.letter import content_of
from policies.models import Application
from policies.reviewing import intake, opinions
from policies.reviewing.desk.report import named
from policies.reviewing.intake import Point
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import PostingFactory
from tests.applying import factories as make
from tests.applying.desks import signed_in
from tests.applying.factories import now
from tests.applying.test_desk_page import WAN, page, state, steps, take
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


class TestAnswersToAmendments:
    @pytest.fixture
    def application(self, user):
        """Three points; a file is brought, a figure changed, the third is explained."""
        application = make.sent()
        year = timezone.localdate().year - 1
        points = [
            Point("material", "设备发票", "补盖章的发票", "原件没有章"),
            Point("answer", f"employees@{year}", "核对人数", "与社保不符"),
            Point("other", "", "写明型号", "目录按型号"),
        ]
        amendment = intake.give_back(application, points, by=user, at=now())
        files.attach(application, "设备发票", make.pdf("盖章的.pdf", b"x"), by=None)
        third = amendment.points.last()
        application.refresh_from_db()
        saving = drafts.Saving({f"employees@{year}": "31"}, replies={third.pk: "型号是 X-9"})
        drafts.save(application, saving, revision=application.revision, by=None, at=now())
        return application

    def test_nothing_is_seen_before_they_are_sent(self, client, application):
        text = page(client, application).content.decode()
        assert "X-9" not in text
        assert "盖章的.pdf" not in text

    def test_each_point_shows_what_was_done(self, client, application):
        application.refresh_from_db()
        second = application.amendments.get().points.all()[1]
        second.reply = "已更正"
        second.save()
        sending.send(application, make.actor_for(application), at=now())
        answer = page(client, application)
        (listed,) = answer.context["case"].answered
        paper, figure, other = listed.points
        assert paper.brought == ("盖章的.pdf",)
        assert (figure.before[:2], figure.after[:2]) == ("20", "31")
        assert other.point.reply == "型号是 X-9"
        text = answer.content.decode()
        for words in ("企业对补正的答复", "型号是 X-9", "新传", "原来填", "盖章的.pdf"):
            assert words in text

    def test_a_first_sending_calls_nothing_new(self, client):
        text = page(client, make.sent()).content.decode()
        assert "新传" not in text
        assert "企业对补正的答复" not in text


class TestAmounts:
    @pytest.mark.parametrize("amount", ["20", "19999.99"])
    def test_far_below_the_top_wants_a_reason(self, client, user, amount):
        application = make.reviewing(by=user)
        answer = take(client, application, "propose", outcome="approve", amount=amount)
        assert answer.status_code == 422
        assert state(application) == "reviewing"
        take(client, application, "propose", outcome="approve", amount=amount, reason="只核一张发票")
        assert state(application) == "proposed"

    def test_far_below_the_top_of_what_the_rule_leaves_open(self, client, user):
        """An interval from nothing: its low end complains of no amount."""
        open_amount = {
            "rule_amount": {"range": ["0", "50"], "unit": "万元"},
            "rule_conditions": {"all": make.CONDITIONS["all"]},
        }
        application = make.reviewing(make.version(**open_amount), by=user)
        answer = take(client, application, "propose", outcome="approve", amount="40")
        assert "远低于" in answer.content.decode()
        take(client, application, "propose", outcome="approve", amount="5 万元")
        assert state(application) == "proposed"

    @pytest.mark.parametrize("amount", ["20万", "20 万元", "２０万", "200,000"])
    def test_a_unit_may_be_written(self, client, user, amount):
        application = make.reviewing(by=user)
        text = take(client, application, "propose", outcome="approve", amount=amount).headers["Location"]
        application.refresh_from_db()
        assert application.amount_fen == 20 * WAN
        assert "核定金额 20 万元" in client.get(text).content.decode()


class TestTakingBack:
    def test_who_proposed_takes_an_undecided_proposal_back(self, client, user):
        application = make.reviewing(by=user)
        take(client, application, "propose", outcome="approve", amount="20万")
        assert "take_back" in steps(client, application)
        take(client, application, "take_back")
        application.refresh_from_db()
        assert (application.state, application.amount_fen) == ("reviewing", None)
        waiting = application.clocks.filter(met_at=None).values_list("target", flat=True)
        assert list(waiting) == ["review"]

    def test_nobody_else_and_nothing_on_notice(self, user, client):
        theirs = make.proposed()
        assert "take_back" not in steps(client, theirs)
        assert take(client, theirs, "take_back").status_code == 422
        noticed, _notice = make.noticed()
        own = signed_in(noticed.proposed_by)
        assert take(own, noticed, "take_back").status_code == 422
        assert state(noticed) == "noticed"


class TestJointReview:
    @pytest.fixture
    def tax(self, db):
        return Department.objects.get(code="tax")

    @pytest.fixture
    def application(self, user, tax):
        application = make.reviewing(by=user)
        opinions.consult(application, {tax: "核发票"}, by=user, at=now())
        return application

    def test_the_page_names_who_is_waited_for_and_what_a_leader_can_do(self, client, application, tax):
        text = page(client, application).content.decode()
        assert f"{tax.short_name}联审意见" in text
        assert "请领导在本页“不再等待”" in text
        assert "前出具" in text

    def test_chasing_reminds_them_once_a_day(self, client, application, tax):
        their_box = make.reviewer(tax).mailbox
        (opinion,) = application.opinions.all()
        assert take(client, application, "chase", opinion=opinion.pk).status_code == 302
        while deliver():
            pass
        assert Message.objects.filter(mailbox=their_box, title="请尽快出具联审意见").count() == 1
        again = take(client, application, "chase", opinion=opinion.pk)
        assert "今天已经催过" in again.content.decode()
        assert application.events.filter(name="chase").count() == 1

    def test_only_departments_that_review_can_be_asked(self, client, user, tax):
        make.leader(tax)
        nobody = Department.objects.get(code="statistics")
        steps = page(client, make.reviewing(by=user)).context["steps"]
        form = next(form for name, _step, form in steps if name == "consult")
        assert tax.pk in form.departments
        assert nobody.pk not in form.departments


class TestClauses:
    def test_the_document_stands_beside_the_clause(self):
        application = make.refused()
        source = application.version.sources.select_related("document").first()
        named = grounds_of(application.version, "第三条")
        assert source.document.title in named
        assert named.endswith("第三条")
        assert grounds_of(application.version, named) == named
        assert ("依据：", named) in content_of(application)["grounds"]

    def test_the_letter_gives_the_first_sending(self, user):
        application = make.approved()
        first = dt.datetime(2024, 2, 3, 4, tzinfo=dt.UTC)
        Application.objects.filter(pk=application.pk).update(submitted_at=first)
        application.refresh_from_db()
        assert "2024 年 2 月 3 日" in content_of(application)["opening"]

    def test_words_that_are_no_clause_are_not_offered(self, client, user):
        case = page(client, make.reviewing(by=user)).context["case"]
        case.__dict__.pop("clauses")
        case.evidence.content["conditions"][0]["clause"] = "企业"
        case.evidence.content["conditions"][1]["clause"] = "第九条"
        assert not any(one.endswith("企业") for one in case.clauses)
        assert any(one.endswith("第九条") for one in case.clauses)


class TestFinding:
    def test_a_leader_who_also_hands_out_orders_searches_applications_here(self):
        boss = make.leader()
        PostingFactory(user=boss, department=economy(), role=Role.HANDLER)
        answer = signed_in(boss).get(reverse("desk_applications", args=[economy().pk]))
        assert "搜申报" in answer.content.decode()

    def test_lists_count_working_days_and_give_a_refusal_no_amount(self, client):
        make.proposed("refuse")
        address = reverse("desk_applications", args=[economy().pk])
        (row,) = client.get(address, {"basket": "proposed"}).context["slice"].rows
        assert row.amount == ""
        assert "工作日" in client.get(address, {"basket": "proposed"}).content.decode()

    def test_what_was_refused_by_a_step_is_told_at_the_top_and_its_form_alone_is_open(self, client, user):
        text = take(client, make.reviewing(by=user), "return").content.decode()
        assert 'href="#step-return"' in text
        assert "/return/#step-return" in text
        assert re.search(r'id="step-return"\s+open', text)
        assert not re.search(r'id="step-propose"\s+open', text)

    def test_points_are_named_in_words(self):
        assert named({"wanted": "answer", "target": "employees@2025"}).endswith("（2025 年度）")
        assert "employees" not in named({"wanted": "answer", "target": "employees"})
        assert named({"wanted": "material", "target": "设备发票"}) == "设备发票"

    def test_a_preview_of_nothing_goes_back_and_says_so(self, client):
        answer = client.get(reverse("desk_applications_bulk", args=[economy().pk]), follow=True)
        assert "请先勾选" in answer.content.decode()

    def test_the_condition_that_stays_open_is_named(self, client, user):
        application = make.reviewing(by=user)
        given = {"pick": application.pk}
        answer = client.get(reverse("desk_applications_bulk", args=[economy().pk]), given)
        (line,) = answer.context["left_out"]
        assert "只凭部门数据还不能确认：" in line.why_not
