"""The review page: what it shows, the steps taken on it, and what another department may see."""

import datetime as dt
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from policies.applying import drafts, files, sending
from policies.models import Application, OpinionTemplate
from policies.reviewing import deciding, intake, opinions
from portal.accounts.models import Department
from tests.applying import factories as make
from tests.applying.desks import signed_in
from tests.applying.factories import now
from tests.enterprises.factories import give_value
from tests.papers import PDF
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
WAN = 1_000_000


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def boss(db):
    return signed_in(make.leader())


@pytest.fixture
def tax(db):
    return Department.objects.get(code="tax")


def page(client, application, department=None):
    place = (department or economy()).pk
    return client.get(reverse("desk_application", args=[place, application.number]))


def take(client, application, step, department=None, **given):
    place = (department or economy()).pk
    given.setdefault("seen", application.events.order_by("-pk").first().pk)
    return client.post(reverse("desk_application_step", args=[place, application.number, step]), given)


def body(answer):
    """The bytes of a file, which is closed then."""
    return b"".join(answer.streaming_content)


def state(application):
    return Application.objects.get(pk=application.pk).state


def steps(client, application, department=None):
    context = page(client, application, department).context
    return {name for name, _step, _form in (*context["first"], *context["steps"])}


class TestShowing:
    def test_what_was_sent_and_not_what_is_being_amended(self, client):
        application = make.returned()
        files.attach(application, "设备发票", make.pdf("新的.pdf", b"x"), by=None)
        text = page(client, application).content.decode()
        assert "发票.pdf" in text
        assert "新的.pdf" not in text
        assert "等企业补正" in text

    def test_whom_to_call_is_who_was_named_when_it_was_sent(self, client):
        application = make.returned()
        saving = drafts.Saving(contact_name="李另", contact_phone="13911112222")
        drafts.save(application, saving, revision=application.revision, by=None, at=now())
        text = page(client, application).content.decode()
        assert "张三" in text
        assert "13800000000" in text
        assert "李另" not in text
        assert "13911112222" not in text

    def test_it_says_how_much_departments_could_confirm(self, client):
        application = make.sent()
        assert "企业填的 2 项，部门没有这些数据，无从比对。" in page(client, application).content.decode()
        known = timezone.localdate()
        give_value(application.enterprise, "employees", period=known.year - 1, scaled=20, as_of=known)
        assert "企业填的 2 项中，部门有数据的 1 项都一致。" in page(client, application).content.decode()

    def test_its_pages_take_a_fixed_number_of_queries(self, client, django_assert_max_num_queries):
        application = make.reviewing()
        make.refused()
        page(client, application)
        with django_assert_max_num_queries(35):
            page(client, application)

    def test_another_departments_application_is_not_found(self, tax):
        application = make.sent()
        theirs = signed_in(make.reviewer(tax))
        assert page(theirs, application, tax).status_code == 404
        assert page(theirs, application).status_code == 404
        assert take(theirs, application, "accept", tax).status_code == 404
        assert state(application) == "submitted"

    def test_a_draft_is_not_found(self, client):
        assert page(client, make.drafted()).status_code == 404


class TestFiles:
    def get(self, client, file, department=None):
        place = (department or economy()).pk
        return client.get(reverse("desk_application_file", args=[place, file.pk]))

    def test_what_a_browser_shows_opens_in_a_tab_of_its_own_and_the_rest_is_saved(self, client):
        application = make.filled()
        word = io.BytesIO()
        with zipfile.ZipFile(word, "w") as package:
            package.writestr("word/document.xml", "<w/>")
        other = SimpleUploadedFile("说明.docx", word.getvalue())
        files.attach(application, "设备发票", other, by=None)
        sending.send(application, make.actor_for(application), at=now())
        text = page(client, application).content.decode()
        found = {}
        for file in application.files.all():
            at = reverse("desk_application_file", args=[economy().pk, file.pk])
            answer = self.get(client, file)
            found[file.name] = (
                answer["Content-Disposition"].split(";")[0],
                f'href="{at}" target="_blank"' in text,
            )
            assert "sandbox" in answer["Content-Security-Policy"]
            body(answer)
        assert found == {"发票.pdf": ("inline", True), "说明.docx": ("attachment", False)}

    def test_the_desk_hands_out_what_was_sent(self, client, tax):
        application = make.reviewing()
        file = application.files.get()
        answer = self.get(client, file)
        assert (answer.status_code, answer["X-Content-Type-Options"]) == (200, "nosniff")
        assert body(answer) == PDF
        theirs = signed_in(make.reviewer(tax))
        assert self.get(theirs, file, tax).status_code == 404
        opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        assert body(self.get(theirs, file, tax)) == PDF

    def test_not_what_was_not_sent(self, client):
        application = make.returned()
        file = files.attach(application, "设备发票", make.pdf("新的.pdf", b"x"), by=None)
        assert self.get(client, file).status_code == 404

    def test_what_was_sent_once_stays_to_be_seen(self, client):
        application = make.returned()
        file = application.files.get()
        files.remove(application, file.pk, at=now())
        assert body(self.get(client, file)) == PDF


class TestSteps:
    def test_accepted_proposed_and_put_on_the_notice(self, client, boss):
        application = make.sent()
        assert take(client, application, "accept").status_code == 302
        assert state(application) == "reviewing"
        form = next(form for name, _step, form in page(client, application).context["first"])
        assert form.initial["amount"] == "200,000"
        take(client, application, "propose", outcome="approve", amount="200,000", clause="第三条")
        application.refresh_from_db()
        assert (application.state, application.amount_fen) == ("proposed", 20 * WAN)
        assert steps(client, application) & {"notice", "approve", "refuse", "rework"} == set()
        assert {"notice", "rework"} <= steps(boss, application)
        take(boss, application, "notice")
        assert state(application) == "noticed"
        assert "approve" not in steps(boss, application)

    def test_approved_once_the_notice_is_over(self, boss):
        application = make.proposed()
        deciding.post_notice(application, by=make.leader(), at=now() - dt.timedelta(days=20))
        assert "approve" in steps(boss, application)
        take(boss, application, "approve", text="")
        assert state(application) == "approved"

    def test_an_amount_beyond_what_was_judged_is_said_beside_the_form(self, client):
        application = make.reviewing()
        answer = take(
            client, application, "propose", outcome="approve", amount="200,000.01", reason="我写的话"
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "不能超过按规则算出的上限" in text
        assert "我写的话" in text
        assert state(application) == "reviewing"

    @pytest.mark.parametrize("amount", ["abc", "1e9", "-1", "0.001", "NaN", ""])
    def test_an_amount_that_is_none(self, client, amount):
        application = make.reviewing()
        answer = take(client, application, "propose", outcome="approve", amount=amount, reason="x")
        assert answer.status_code == 422
        assert state(application) == "reviewing"

    def test_refused_with_clause_and_reason_of_a_template(self, client, boss):
        application = make.reviewing()
        template = OpinionTemplate.objects.create(use="refuse", title="目录外", text="设备不在目录内。")
        given = {"outcome": "refuse", "amount": "200,000", "clause": "第三条", "template": template.pk}
        take(client, application, "propose", **given)
        application.refresh_from_db()
        assert (application.reason, application.amount_fen) == ("设备不在目录内。", None)
        take(boss, application, "refuse", text="")
        assert state(application) == "refused"

    def test_returned_with_a_list_whose_lines_are_whole(self, client):
        application = make.sent()
        half = {"point0-of": "material:设备发票", "point0-what": "补盖章的发票", "point3-why": "看不清"}
        answer = take(client, application, "return", **half)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "请写明为什么要补" in text
        assert "请写明要补什么" in text
        assert "看不清" in text
        whole = {"point0-of": "material:设备发票", "point0-what": "补盖章的", "point0-why": "原件没有章"}
        whole |= {"point1-of": "other:", "point1-what": "写明设备型号", "point1-why": "目录按型号"}
        take(client, application, "return", **whole)
        assert state(application) == "returned"
        points = application.amendments.get().points.values_list("wanted", "target")
        assert list(points) == [("material", "设备发票"), ("other", "")]

    def test_an_empty_list_and_a_material_that_is_none(self, client):
        application = make.sent()
        assert "请至少写一项" in take(client, application, "return").content.decode()
        wrong = {"point0-of": "material:没有的", "point0-what": "x", "point0-why": "y"}
        assert take(client, application, "return", **wrong).status_code == 422
        assert state(application) == "submitted"

    def test_a_second_list_is_sent_by_a_leader(self, user, client, boss):
        application = make.returned(make.sent(), by=user)
        files.attach(application, "设备发票", make.pdf(more=b"x"), by=None)
        sending.send(application, make.actor_for(application), at=now())
        assert "return" not in steps(client, application)
        assert "return_again" in steps(boss, application)
        again = {"point0-of": "other:", "point0-what": "再补一份", "point0-why": "忘了"}
        assert take(client, application, "return", **again).status_code == 422
        assert take(client, application, "return_again", **again).status_code == 404
        take(boss, application, "return_again", **again)
        second = application.amendments.get(number=2)
        assert (second.asked_by, second.allowed_by != user) == (user, True)

    def test_taken_over_from_a_colleague(self, user, client):
        application = make.reviewing()
        take(client, application, "take_over")
        application.refresh_from_db()
        assert application.reviewer == user

    def test_an_unknown_step_and_one_of_another_role(self, client):
        application = make.sent()
        assert take(client, application, "bless").status_code == 404
        assert take(client, application, "recall").status_code == 404

    def test_objections_are_answered_before_the_decision(self, boss):
        application, notice = make.noticed()
        objection = notice.objections.create(name="李四", phone="13900000000", text="设备是旧的")
        assert "设备是旧的" in page(boss, application).content.decode()
        take(boss, application, "answer", objection=objection.pk, text="已核实，是新设备")
        objection.refresh_from_db()
        assert objection.answer == "已核实，是新设备"
        assert "answer" not in steps(boss, application)
        again = take(boss, application, "answer", objection=objection.pk, text="又一次")
        assert again.status_code == 422


class TestJointReview:
    def test_several_departments_each_with_its_question(self, client, tax):
        application = make.reviewing()
        finance = Department.objects.get(code="finance")
        for place in (tax, finance):
            make.reviewer(place)
        given = {"ask0-department": tax.pk, "ask0-question": "核发票"}
        given |= {"ask4-department": finance.pk, "ask4-question": "核重复享受"}
        twice = given | {"ask1-department": tax.pk, "ask1-question": "再核一次"}
        assert "只提请一次" in take(client, application, "consult", **twice).content.decode()
        assert take(client, application, "consult").status_code == 422
        nobody = {"ask0-question": "谁来核"}
        assert "请选择请哪个部门核" in take(client, application, "consult", **nobody).content.decode()
        take(client, application, "consult", **given)
        assert state(application) == "joint"
        assert application.opinions.count() == 2

    def test_who_was_asked_sees_the_question_and_answers_and_nothing_of_the_inside(self, tax):
        application = make.reviewing()
        finance = Department.objects.get(code="finance")
        asked = {tax: "核发票真伪", finance: "核重复享受"}
        opinions.consult(application, asked, by=application.reviewer, at=now())
        intake.take_over(application, by=make.reviewer(), at=now())
        theirs = signed_in(make.reviewer(tax))
        text = page(theirs, application, tax).content.decode()
        assert "核发票真伪" in text
        assert "核重复享受" not in text
        assert "转审核人" not in text
        assert steps(theirs, application, tax) == {"opinion"}
        assert take(theirs, application, "opinion", tax, stance="object", text="").status_code == 422
        take(theirs, application, "opinion", tax, stance="object", text="发票已作废")
        assert application.opinions.get(department=tax).stance == "object"
        assert "发票已作废" in page(theirs, application, tax).content.decode()

    def test_two_departments_answer_on_pages_of_the_same_moment(self, tax):
        application = make.reviewing()
        finance = Department.objects.get(code="finance")
        opinions.consult(application, {tax: "甲", finance: "乙"}, by=application.reviewer, at=now())
        seen = application.events.order_by("-pk").first().pk
        for place in (tax, finance):
            theirs = signed_in(make.reviewer(place))
            take(theirs, application, "opinion", place, stance="agree", text="", seen=seen)
        assert state(application) == "reviewing"

    def test_a_leader_waits_no_longer(self, boss, client, tax):
        application = make.reviewing()
        (opinion,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        assert "recall" not in steps(client, application)
        take(boss, application, "recall", opinion=opinion.pk, text="等了两周")
        assert state(application) == "reviewing"


class TestTwoAtOnce:
    def test_the_second_is_told_who_was_faster_and_may_send_it_again(self, user, client):
        application = make.reviewing()
        seen = application.events.order_by("-pk").first().pk
        faster = make.reviewer()
        intake.take_over(application, by=faster, at=now())
        given = {"outcome": "approve", "amount": "200,000", "reason": "我写的话", "seen": seen}
        answer = take(client, application, "propose", **given)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert f"{faster.name} 已抢先办理“转审核人”" in text
        assert "我写的话" in text
        (form,) = (form for name, _step, form in answer.context["first"] if name == "propose")
        assert int(form["seen"].value()) > seen
        take(client, application, "propose", **given | {"seen": form["seen"].value()})
        assert state(application) == "proposed"

    def test_a_reminder_meanwhile_is_nobody_who_was_faster(self, client):
        application = make.reviewing()
        seen = application.events.order_by("-pk").first().pk
        application.events.create(name="remind", source="reviewing", target="reviewing")
        given = {"outcome": "approve", "amount": "200,000", "seen": seen}
        assert take(client, application, "propose", **given).status_code == 302
        assert state(application) == "proposed"

    def test_what_was_withdrawn_meanwhile_is_told(self, client):
        application = make.reviewing()
        seen = application.events.order_by("-pk").first().pk
        sending.withdraw(application, "改明年", actor=make.actor_for(application), at=now())
        answer = take(client, application, "propose", outcome="approve", amount="1", reason="x", seen=seen)
        assert answer.status_code == 422
        assert "企业撤回" in answer.content.decode()
        assert state(application) == "withdrawn"
