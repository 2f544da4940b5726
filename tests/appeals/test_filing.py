"""Filing, adding, chasing, withdrawing: what an enterprise does, and what it is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appeals import doorbell, filing
from appeals.enums import Intake, OrderState, Source, Status
from appeals.models import Appeal
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.accounts.factories import PostingFactory
from tests.appeals import factories as make
from tests.appeals.messages import told
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory

pytestmark = pytest.mark.django_db


def test_an_appeal_is_filed_with_number_order_clock_and_event():
    dispatcher = make.dispatcher()
    category = make.CategoryFactory(complexity="joint")
    appeal = make.file(category=category, title="  路灯坏了 ")
    appeal.refresh_from_db()
    assert (appeal.status, appeal.intake) == (Status.RECEIVED, Intake.SUBMITTED)
    assert (appeal.title, appeal.complexity, appeal.round) == ("路灯坏了", "joint", 1)
    order = appeal.orders.get()
    assert (order.kind, order.state) == ("lead", OrderState.WAITING)
    clock = order.clocks.get()
    assert (clock.target, clock.started_at) == ("receive", appeal.submitted_at)
    event = appeal.events.get()
    assert (event.name, event.public) == ("submit", True)
    assert told(dispatcher) == ["有新诉求待受理"]
    assert told(appeal.enterprise.mailbox) == []


def test_numbers_of_a_month_go_up():
    first, second = make.file(), make.file()
    head, _, last = first.number.rpartition("-")
    assert second.number == f"{head}-{int(last) + 1:04d}"


def test_the_worker_is_rung_after_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda name, **options: rung.append((name, options))
    )
    with django_capture_on_commit_callbacks() as callbacks:
        appeal = make.file()
        assert rung == []
    for callback in callbacks:
        callback()
    assert (doorbell.SUGGEST, (appeal.pk,)) in [(name, options.get("args")) for name, options in rung]


def test_the_same_key_is_the_same_appeal_for_one_enterprise_only():
    one, other = EnterpriseFactory(), EnterpriseFactory()
    send = {"by": None, "key": "k1", "source": Source.API}
    first = filing.file_appeal(one, make.filing(), **send)
    assert filing.file_appeal(one, make.filing(title="另一题"), **send) == first
    assert filing.file_appeal(other, make.filing(), **send) != first
    assert Appeal.objects.count() == 2


def test_who_did_not_file_by_the_portal_is_told_that_it_was_filed():
    enterprise = EnterpriseFactory()
    filing.file_appeal(enterprise, make.filing(), by=None, source=Source.PHONE)
    assert told(enterprise.mailbox) == ["已为您登记一件诉求，我们会尽快受理"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "  "), ("text", ""), ("title", "字" * 81), ("text", "字" * 4001), ("contact_phone", " ")],
)
def test_what_is_missing_or_too_long_is_refused_in_words(field, value):
    label = str(Appeal._meta.get_field(field).verbose_name)
    with pytest.raises(DomainError, match=label):
        make.file(**{field: value})
    assert not Appeal.objects.exists()


def test_filing_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    enterprise = EnterpriseFactory()
    for _ in range(5):
        make.dispatcher()
    with django_assert_max_num_queries(30):
        filing.file_appeal(enterprise, make.filing(), by=None, key="k")


def test_a_supplement_answers_what_the_desk_asked_and_the_clock_goes_on():
    appeal, dispatcher = make.file(), make.dispatcher()
    with pytest.raises(DomainError, match="不能补充"):
        filing.supplement(appeal, "补充", by=None)
    advance(appeal, "ask_back", actor=None)
    clock = make.lead(appeal).clocks.get()
    clock.reckon()
    assert clock.paused_at
    with pytest.raises(DomainError, match="请写明"):
        filing.supplement(appeal, "  ", by=None)
    filing.supplement(appeal, "在东门", by=None)
    clock.refresh_from_db()
    assert clock.paused_at is None
    assert appeal.events.latest("pk").comment == "在东门"
    assert told(dispatcher) == ["企业已补充材料，请受理"]


def test_withdrawing_cancels_the_orders_and_stops_the_clocks():
    appeal = make.file()
    filing.withdraw(appeal, "已自行解决", by=None)
    appeal.refresh_from_db()
    order = make.lead(appeal)
    assert (appeal.status, order.state) == (Status.WITHDRAWN, OrderState.CANCELLED)
    assert not order.clocks.filter(met_at=None).exists()
    with pytest.raises(DomainError, match="已结束"):
        filing.withdraw(appeal, "再撤", by=None)
    with pytest.raises(DomainError, match="撤回原因"):
        filing.withdraw(make.file(), " ", by=None)


def test_chasing_works_once():
    appeal, dispatcher = make.file(), make.dispatcher()
    filing.chase(appeal, by=None)
    assert told(dispatcher) == ["企业催办，请跟进"]
    with pytest.raises(DomainError, match="已经催办过"):
        filing.chase(Appeal.objects.get(), by=None)
    withdrawn = make.file()
    filing.withdraw(withdrawn, "不办了", by=None)
    with pytest.raises(DomainError, match="不用催办"):
        filing.chase(withdrawn, by=None)


def picture(name="灯.png", end=b""):
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (2, 2)).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue() + end)


def test_a_file_is_kept_once_under_its_own_name():
    appeal, user = make.file(), MembershipFactory().user
    kept = filing.attach(appeal, picture("../现场/灯.png"), by=user)
    assert (kept.name, kept.public, len(kept.digest)) == ("灯.png", True, 64)
    with pytest.raises(DomainError, match="已经上传过"):
        filing.attach(appeal, picture(), by=user)


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("灯.png", b"<script>alert(1)</script>"),
        SimpleUploadedFile("a.exe", b"MZ\x00\x01"),
        SimpleUploadedFile("空.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(file):
    with pytest.raises(DomainError):
        filing.attach(make.file(), file, by=None)


def test_files_are_limited_in_number():
    appeal = make.file()
    for number in range(filing.MOST_ATTACHMENTS):
        filing.attach(appeal, picture(end=bytes([number])), by=None)
    with pytest.raises(DomainError, match="最多附 12 个"):
        filing.attach(appeal, picture(end=b"more"), by=None)


def test_the_department_complained_of_is_not_told():
    colleague, complained_of = make.dispatcher(), make.dispatcher()
    about = complained_of.postings.get().department
    PostingFactory(user=complained_of, role=Role.DISPATCHER)
    make.file(about=about)
    assert told(colleague) == ["有新诉求待受理"]
    assert told(complained_of) == []
