"""What a stranger who reviewed applications could not find or was let do at the desk."""

import pytest
from django.utils import timezone

from policies.applying import drafts, files, sending
from policies.reviewing import intake
from policies.reviewing.intake import Point
from tests.applying import factories as make
from tests.applying.desks import signed_in
from tests.applying.factories import now
from tests.applying.test_desk_page import WAN, page, state, steps, take

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
