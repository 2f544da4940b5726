"""An enterprise goes on with its appeals: answers, hastens, withdraws, rates, reopens; once each."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appeals.enums import Intake, OrderState, Status
from appeals.filing import chase
from appeals.handling import ask
from tests.appeals.factories import (
    handling,
)
from tests.appeals.portal.pages import as_status, page, picture, text

pytestmark = pytest.mark.django_db


class TestSteps:
    def take(self, client, appeal, step, **sent):
        return client.post(f"{page(appeal)}{step}/", sent)

    def test_supplement_with_a_photograph(self, at_work, firm):
        appeal = as_status(Status.ASKED, firm)
        assert "停电从哪天开始？" in text(at_work.get(page(appeal)))
        assert self.take(at_work, appeal, "supplement", text="周一", camera=[picture()]).status_code == 302
        appeal.refresh_from_db()
        assert appeal.intake == Intake.SUBMITTED
        assert appeal.attachments.count() == 1
        refused = self.take(at_work, appeal, "supplement", text="再说一遍")
        assert refused.status_code == 422

    def test_reply_to_the_handler(self, at_work, firm):
        order = handling(enterprise=firm)
        ask(order, "哪盏灯？", by=None)
        assert "哪盏灯？" in text(at_work.get(page(order.appeal)))
        assert self.take(at_work, order.appeal, "reply", text=" ").status_code == 422
        assert self.take(at_work, order.appeal, "reply", text="东门那盏").status_code == 302
        order.refresh_from_db()
        assert order.state == OrderState.HANDLING
        assert self.take(at_work, order.appeal, "reply", text="东门那盏").status_code == 422

    def test_a_refused_file_leaves_the_question_open(self, at_work, firm):
        appeal = as_status(Status.ASKED, firm)
        bad = SimpleUploadedFile("a.svg", b"<svg/>")
        answer = self.take(at_work, appeal, "supplement", text="周一", documents=[bad])
        assert answer.status_code == 422
        appeal.refresh_from_db()
        assert appeal.intake == Intake.ASKED

    def test_add_a_photograph_once(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "attach").status_code == 422
        assert self.take(at_work, appeal, "attach", documents=[picture()]).status_code == 302
        again = self.take(at_work, appeal, "attach", documents=[picture()])
        assert "已经上传过" in text(again)
        closed = as_status(Status.CLOSED, firm)
        assert "已经结束" in text(self.take(at_work, closed, "attach", documents=[picture()]))

    def test_chase_once(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert "step-chase" in text(at_work.get(page(appeal)))
        assert self.take(at_work, appeal, "chase").status_code == 302
        assert "step-chase" not in text(at_work.get(page(appeal)))
        again = self.take(at_work, appeal, "chase")
        assert again.status_code == 422
        assert "已经催办过" in text(again)

    def test_withdraw_only_before_the_answer(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "withdraw", text="").status_code == 422
        assert self.take(at_work, appeal, "withdraw", text="已解决").status_code == 302
        done = as_status(Status.ANSWERED, firm)
        assert "不能撤回" in text(self.take(at_work, done, "withdraw", text="已解决"))

    def test_rate_once_and_dissatisfied_goes_higher(self, at_work, firm):
        appeal = as_status(Status.ANSWERED, firm)
        assert self.take(at_work, appeal, "rate", satisfaction="satisfied").status_code == 422  # solved?
        assert self.take(at_work, appeal, "rate", satisfaction="great", solved="yes").status_code == 422
        sent = {"satisfaction": "dissatisfied", "solved": "no", "comment": "没修好"}
        assert self.take(at_work, appeal, "rate", **sent).status_code == 302
        appeal.refresh_from_db()
        assert appeal.round == 2
        assert self.take(at_work, appeal, "rate", **sent).status_code == 422
        assert "没修好" in text(at_work.get(page(appeal)))

    def test_reopen_what_is_closed(self, at_work, firm):
        appeal = as_status(Status.CLOSED, firm)
        assert self.take(at_work, appeal, "reopen", text="又坏了").status_code == 302
        appeal.refresh_from_db()
        assert appeal.round == 2
        assert self.take(at_work, appeal, "reopen", text="又坏了").status_code == 422

    def test_odd_steps_and_reading_change_nothing(self, at_work, firm):
        appeal = as_status(Status.HANDLING, firm)
        assert self.take(at_work, appeal, "explode").status_code == 404
        assert at_work.get(f"{page(appeal)}chase/").status_code == 405
        chase(appeal, by=None)  # the one chase is still to be had
