"""What an enterprise does with its appeals by API: files, steps, filters; refusals with their reasons."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appeals import handling, intake
from appeals.models import Appeal, Attachment
from tests.appeals.factories import answered, dispatcher, file
from tests.appeals.factories import handling as at_work
from tests.enterprises.factories import MembershipFactory
from tests.papers import PDF

pytestmark = pytest.mark.django_db
API = "/api/appeals/"


@pytest.fixture
def firm():
    return MembershipFactory().enterprise


@pytest.fixture
def system(client, firm):
    client.force_login(firm.memberships.get().user)
    return client


def take(system, appeal, step, **given):
    return system.post(f"{API}{appeal.number}/{step}/", given, content_type="application/json")


def send(system, appeal, content=PDF, name="现场.pdf"):
    return system.post(f"{API}{appeal.number}/attachments/", {"file": SimpleUploadedFile(name, content)})


def test_files_are_added_listed_and_handed_out(system, firm):
    appeal = file(firm)
    made = send(system, appeal)
    assert made.status_code == 201
    assert made.json()["name"] == "现场.pdf"
    assert [one["id"] for one in system.get(f"{API}{appeal.number}/attachments/").json()] == [
        made.json()["id"]
    ]
    got = system.get(made.json()["url"])
    assert b"".join(got.streaming_content) == PDF
    assert "sandbox" in got["Content-Security-Policy"]
    again = send(system, appeal)
    assert (again.status_code, again.json()["code"]) == (409, "file_known")


def test_hostile_files_are_refused(system, firm):
    appeal = file(firm)
    for content, name in ((b"MZ\x90\x00" + b"\0" * 99, "a.pdf"), (b"<script>", "a.svg"), (b"", "a.pdf")):
        assert send(system, appeal, content, name).status_code in (400, 409)
    assert system.post(f"{API}{appeal.number}/attachments/", {"file": "x"}).status_code == 400
    assert not Attachment.objects.exists()


def test_internal_files_and_those_of_others_are_not_found(system, firm):
    appeal, theirs = file(firm), file()
    hidden = Attachment.objects.create(appeal=appeal, file="x.pdf", name="x", digest="0" * 64, public=False)
    assert system.get(f"{API}{appeal.number}/attachments/{hidden.pk}/").status_code == 404
    assert system.get(f"{API}{appeal.number}/attachments/").json() == []
    assert send(system, theirs).status_code == 404
    for step in ("chase", "withdraw", "events", "rate"):
        assert take(system, theirs, step, text="x").status_code in (404, 405, 400)
    assert system.get(f"{API}{theirs.number}/events/").status_code == 404
    theirs.refresh_from_db()
    assert (theirs.chased_at, theirs.intake) == (None, "submitted")


def test_chased_once(system, firm):
    order = at_work(enterprise=firm)
    assert take(system, order.appeal, "chase").status_code == 200
    again = take(system, order.appeal, "chase")
    assert (again.status_code, again.json()["code"]) == (409, "chased")
    events = system.get(f"{API}{order.appeal.number}/events/").json()
    assert [one["what"] for one in events].count("您催办了一次") == 1


def test_supplement_and_reply(system, firm):
    appeal = file(firm)
    early = take(system, appeal, "supplement", text="补充")
    assert early.status_code == 409
    intake.ask_back(appeal, "几号停的电？", by=dispatcher())
    assert system.get(f"{API}{appeal.number}/").json()["story"]["question"] == "几号停的电？"
    assert take(system, appeal, "supplement", text="三号").json()["status"] == "received"
    order = at_work(enterprise=firm)
    handling.ask(order, "哪个厂区？", by=None)
    assert take(system, order.appeal, "reply", text="一厂").json()["status"] == "handling"
    assert take(system, order.appeal, "reply", text="").status_code == 400


def test_rated_reopened_withdrawn(system, firm):
    order = answered(enterprise=firm)
    assert take(system, order.appeal, "rate", satisfaction="great", solved=True).status_code == 400
    assert take(system, order.appeal, "rate", satisfaction="satisfied").status_code == 400
    assert (
        take(system, order.appeal, "rate", satisfaction="satisfied", solved=True).json()["status"] == "closed"
    )
    assert take(system, order.appeal, "rate", satisfaction="satisfied", solved=True).status_code == 409
    assert take(system, order.appeal, "withdraw", text="不用了").status_code == 409
    assert send(system, order.appeal).json()["code"] == "over"
    assert take(system, order.appeal, "reopen", text="又停了").json()["round"] == 2
    other = file(firm)
    assert take(system, other, "withdraw", text="不用了").json()["status"] == "withdrawn"


def test_filters_and_pages(system, firm, django_assert_max_num_queries):
    for number in range(5):
        file(firm, title=f"停电{number}")
    done = answered(enterprise=firm, title="道路积水").appeal

    def found(query):
        answer = system.get(f"{API}?{query}")
        assert answer.status_code == 200, answer.content
        return [row["number"] for row in answer.json()["results"]]

    with django_assert_max_num_queries(8):
        assert len(found("page_size=3")) == 3
    assert found("status=answered") == [done.number]
    assert len(found("status=answered&status=received")) == 6
    assert found("q=积水") == [done.number]
    assert found(f"category={done.category.key}" if done.category else "q=积水") != []
    moment = Appeal.objects.order_by("pk")[2].submitted_at.isoformat().replace("+", "%2B")
    assert len(found(f"submitted_before={moment}")) == 2
    assert len(found(f"submitted_from={moment}")) == 4
    assert found(f"enterprise={firm.pk + 1}") == []
    numbers = [row for page in (1, 2, 3) for row in found(f"page_size=2&page={page}")]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "enterprise=x",
        "enterprise=99999999999999999999999",
        "submitted_from=x",
        "category=x",
    ],
)
def test_nonsense_is_named(system, query):
    answer = system.get(f"{API}?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()


def test_the_document_of_the_api_is_whole(client, firm, system):
    document = system.get("/api/schema/?format=json").json()
    paths = {
        path.removeprefix("/api/appeals/") for path in document["paths"] if path.startswith("/api/appeals/")
    }
    steps = ("supplement", "reply", "chase", "rate", "reopen", "withdraw", "events", "attachments")
    assert {"", "{number}/", *(f"{{number}}/{step}/" for step in steps)} <= paths
    assert document["components"]["securitySchemes"]["enterpriseKey"]["scheme"] == "bearer"
