"""An enterprise files: two boxes, once each, hostile files refused in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appeals.enums import Secrecy
from appeals.models import Appeal, IntakeRule
from tests.accounts.factories import DepartmentFactory
from tests.appeals.portal.pages import base, page, picture, text, written
from tests.clients import cheap

pytestmark = pytest.mark.django_db


class TestFiling:
    def test_two_boxes_are_enough_the_rest_is_known(self, at_work, firm):
        form = cheap(at_work, f"{base(firm)}new/").context["form"]
        assert form["contact_name"].value() == firm.memberships.get().user.name
        sent = written(documents=[picture()], camera=[picture("2.png", "blue")])
        answer = at_work.post(f"{base(firm)}new/", sent)
        appeal = Appeal.objects.get()
        assert answer.url == page(appeal)
        assert appeal.enterprise == firm
        assert sorted(appeal.attachments.values_list("name", flat=True)) == ["2.png", "现场.png"]
        assert appeal.number in text(at_work.get(answer.url))

    def test_sent_twice_is_filed_once(self, at_work, firm):
        for _ in range(2):
            answer = at_work.post(f"{base(firm)}new/", written(documents=[picture()]))
            assert answer.status_code == 302
        appeal = Appeal.objects.get()
        assert appeal.attachments.count() == 1
        at_work.post(f"{base(firm)}new/", written(key="b" * 32))
        assert Appeal.objects.count() == 2

    def test_the_same_form_with_other_words_says_which_counts(self, at_work, firm):
        at_work.post(f"{base(firm)}new/", written())
        answer = at_work.post(f"{base(firm)}new/", written(text="另一件事。"), follow=True)
        assert "内容以第一次为准" in text(answer)
        assert Appeal.objects.get().text == written()["text"]

    def test_a_complaint_with_its_choices(self, at_work, firm):
        department = DepartmentFactory()
        sent = written(about=department.pk, anonymous="on", confidential="on", urgent="on")
        at_work.post(f"{base(firm)}new/", sent)
        appeal = Appeal.objects.get()
        assert (appeal.about, appeal.anonymous, appeal.urgent) == (department, True, True)
        assert appeal.secrecy == Secrecy.CONFIDENTIAL
        assert department.name in text(at_work.get(page(appeal)))

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "格式"),
            ("a.html", b"<html><script>alert(1)</script></html>", "格式"),
            ("a.png", b"<html><script>alert(1)</script></html>", "格式"),
            ("a.jpg", picture().read(), "与扩展名不符"),
            ("a.png", b"", "文件是空的"),
            ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "图片已损坏"),
            ("a.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024), "不能超过 20 MB"),
        ],
    )
    def test_hostile_files_are_refused_in_words_and_nothing_is_filed(
        self, at_work, firm, name, content, words
    ):
        answer = at_work.post(f"{base(firm)}new/", written(documents=[SimpleUploadedFile(name, content)]))
        assert answer.status_code == 422
        assert words in text(answer)
        assert name in text(answer)
        assert "重新选一次" in text(answer)
        assert not Appeal.objects.exists()

    def test_too_many_files(self, at_work, firm):
        files = [picture(f"{n}.png", (n, n, n)) for n in range(13)]
        answer = at_work.post(f"{base(firm)}new/", written(documents=files))
        assert "最多附 12 个" in text(answer)
        files = {"documents": files[:7], "camera": files[7:]}  # each few enough, together too many
        for one in (*files["documents"], *files["camera"]):
            one.seek(0)
        answer = at_work.post(f"{base(firm)}new/", written(**files))
        assert answer.status_code == 422
        assert not Appeal.objects.exists()

    @pytest.mark.parametrize("missing", ["title", "text", "contact_phone"])
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, at_work, firm, missing):
        answer = at_work.post(f"{base(firm)}new/", written(**{missing: " "}))
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {missing}
        assert "张三" in text(answer)

    def test_what_is_not_handled_is_told_early_and_not_refused(self, at_work, firm):
        IntakeRule.objects.all().delete()
        IntakeRule.objects.create(
            handled=False, title="诉讼中的争议", words=["开庭"], advice="请找法院 12368。"
        )
        assert "12368" in text(cheap(at_work, f"{base(firm)}new/"))
        told = at_work.post(f"{base(firm)}new/advice/", {"title": "下周开庭", "text": ""})
        assert "12368" in text(told)
        assert "12368" not in text(at_work.post(f"{base(firm)}new/advice/", {"title": "停电", "text": ""}))
        answer = at_work.post(f"{base(firm)}new/", written(title="下周开庭"), follow=True)
        assert Appeal.objects.filter(title="下周开庭").exists()
        assert "12368" in text(answer)
