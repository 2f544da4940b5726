"""Pages of lists on public notice: what anybody reads, how anybody objects."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.enjoying import noticing
from policies.enjoying.confirming import cancel
from policies.models.enjoying.vocabulary import CandidateState
from tests.applying.desks import signed_in
from tests.applying.pages import text
from tests.enjoying import factories as make

pytestmark = pytest.mark.django_db


class TestPublic:
    def test_the_notice_stands_beside_those_of_applications(self):
        enterprise = make.firm()
        run = make.noticed()
        page = text(Client().get(reverse("notices")))
        assert run.version.title in page
        assert "1 家企业" in page
        shown = text(Client().get(run.notice.get_absolute_url()))
        assert enterprise.name in shown
        assert enterprise.uscc in shown
        found = text(Client().get(reverse("notices"), {"q": enterprise.name[:6]}))
        assert run.version.title in found
        assert re.search(r'<b class="num">1</b>\s*件正在公示', found), "the count is of all that is listed"
        assert "没有找到" not in found

    def test_anybody_objects_to_one_or_to_all(self):
        enterprise = make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        words = {"name": "李四", "phone": "023-74510000", "text": "去年停产了"}
        unknown = Client().post(at, words | {"firm": "没有这家"})
        assert unknown.status_code == 422
        assert "名单上没有这家企业" in text(unknown)
        assert Client().post(at, words | {"firm": enterprise.name}).status_code == 302
        assert Client().post(at, words).status_code == 302
        assert [one.candidate and one.candidate.enterprise for one in run.notice.objections.all()] == [
            enterprise,
            None,
        ]
        assert "023-74510000" not in text(Client().get(at))

    def test_who_objects_gets_a_number_and_with_it_and_the_telephone_the_answer(self):
        make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        sent = Client().post(at, {"name": "李四", "phone": "023-74510000", "text": "去年停产了"})
        objection = run.notice.objections.get()
        month = f"{timezone.localtime(objection.at):%Y-%m}"
        assert objection.number == f"YY-{month}-0001"
        receipt = text(Client().get(sent.url))
        assert objection.number in receipt
        assert "去年停产了" not in receipt
        assert objection.number in text(signed_in(make.reviewer()).get(run.get_absolute_url()))
        for phone, told in (("023-74510001", False), ("023-74510000", True)):
            page = Client().post(sent.url, {"number": objection.number.lower(), "phone": phone})
            assert ("去年停产了" in text(page)) is told
        noticing.answer(objection, "核过，没有停产", upheld=False, by=make.reviewer(), at=make.now())
        page = Client().post(sent.url, {"number": objection.number, "phone": "023-74510000"})
        assert "核过，没有停产" in text(page)

    def test_numbers_in_full_width_are_those_in_plain_digits(self):
        make.firm()
        run = make.noticed()
        at = run.notice.get_absolute_url()
        sent = Client().post(at, {"name": "李四", "phone": "１３８００１３８０００", "text": "去年停产了"})
        objection = run.notice.objections.get()
        assert objection.phone == "13800138000"
        wide = "".join(chr(ord(one) + 0xFEE0) for one in objection.number)
        for number, phone in ((objection.number, "13800138000"), (wide, "１３８００１３８０００")):
            assert "去年停产了" in text(Client().post(sent.url, {"number": number, "phone": phone}))

    def test_a_telephone_kept_in_full_width_before_is_found_as_it_was_typed(self):
        make.firm()
        notice, wide = make.noticed().notice, "１３８００１３８０００"
        notice.objections.create(
            number="YY-2026-01-0001", name="李四", phone=wide, text="去年停产了", at=make.now()
        )
        at = reverse("enjoy_objection", args=[notice.pk])
        assert "去年停产了" in text(Client().post(at, {"number": "YY-2026-01-0001", "phone": wide}))

    def test_the_desk_answers(self):
        enterprise = make.firm()
        make.firm()
        run = make.noticed()
        words = {"name": "李四", "phone": "023-74510000", "text": "去年停产了", "firm": enterprise.name}
        Client().post(run.notice.get_absolute_url(), words)
        client = signed_in(make.reviewer())
        page = text(client.get(run.get_absolute_url()))
        assert "去年停产了" in page
        assert f"成立，把“{enterprise.name}”移出名单" in page
        assert f"答复异议：{enterprise.name}" in page
        at = reverse(
            "desk_enjoy_objection", args=[run.item.department_id, run.pk, run.notice.objections.get().pk]
        )
        client.post(at, {"upheld": "yes", "text": "属实"})
        assert make.candidate(run, enterprise).state == CandidateState.EXCLUDED
        assert enterprise.name not in text(Client().get(run.notice.get_absolute_url()))

    def test_after_its_end_it_says_what_became_of_it(self):
        make.firm()
        run = make.noticed()
        cancel(run, "资金调整", by=make.reviewer(), at=make.now())
        page = text(Client().get(run.notice.get_absolute_url()))
        assert "名单已取消：资金调整" in page
        assert "提交异议" not in page
