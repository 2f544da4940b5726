"""Filing and following by API: once for each key, one's own alone."""

import pytest

from appeals.enums import Source
from appeals.models import Appeal
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import CategoryFactory, answered, file
from tests.enterprises.factories import MembershipFactory

pytestmark = pytest.mark.django_db
API = "/api/appeals/"


@pytest.fixture
def firm():
    return MembershipFactory().enterprise


@pytest.fixture
def system(client, firm):
    client.force_login(firm.memberships.get().user)
    return client


def send(client, firm, key="k1", **fields):
    words = {
        "enterprise": firm.pk,
        "title": "厂区频繁停电",
        "text": "本周停了三次。",
        "contact_name": "张三",
        "contact_phone": "13800000000",
    } | fields
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(API, words, content_type="application/json", headers=headers)


def test_the_same_key_files_once_and_other_words_conflict(system, firm):
    department, category = DepartmentFactory(), CategoryFactory()
    more = {"about": department.code, "category": category.key, "urgent": True}
    first, second = (send(system, firm, **more) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["number"] == second.json()["number"]
    appeal = Appeal.objects.get()
    assert (appeal.source, appeal.about, appeal.category) == (Source.API, department, category)
    other = send(system, firm, text="另一件事")
    assert other.status_code == 409
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 61])
def test_a_key_is_wanted(system, firm, key):
    answer = send(system, firm, key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"text": "x" * 4001}, {"category": "nonsense"}, {"enterprise": "x"}]
)
def test_what_is_wrong_is_named(system, firm, wrong):
    answer = send(system, firm, **wrong)
    assert answer.status_code == 400
    assert answer.json().keys() == wrong.keys()


def test_only_for_one_s_own_enterprise(system, firm):
    theirs = file()
    assert send(system, theirs.enterprise).status_code == 404
    assert system.get(f"{API}{theirs.number}/").status_code == 404
    assert system.get(API).json()["count"] == 0
    assert Appeal.objects.filter(enterprise=theirs.enterprise).count() == 1


def test_strangers_get_nothing(client, firm):
    assert client.get(API).status_code in (302, 401, 403)
    assert send(client, firm).status_code in (302, 401, 403)


def test_following_tells_what_the_page_tells(system, firm, django_assert_max_num_queries):
    order = answered(enterprise=firm)
    with django_assert_max_num_queries(10):
        told = system.get(f"{API}{order.appeal.number}/").json()
    assert told["status"] == "answered"
    assert told["story"]["answers"][0]["text"] == "已修好。"
    assert told["story"]["holder"] == str(order.department)
    assert system.get(API).json()["results"][0]["number"] == order.appeal.number
