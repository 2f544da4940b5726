"""Applying by machine: once for each key, only one's own, never over what somebody else saved."""

import pytest
from django.core.cache import cache
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from enterprises.keys import make_key
from enterprises.models import Scope
from policies.models import Application
from tests.applying import factories as make
from tests.papers import PDF

pytestmark = pytest.mark.django_db
SCOPES = (Scope.READ_APPLICATIONS, Scope.WRITE_APPLICATIONS)


class System:
    """A program of an enterprise, with a key of its own."""

    def __init__(self, client, actor, scopes=SCOPES):
        self.client, self.actor = client, actor
        self.token = make_key(actor, "ERP", scopes)[1]
        self.root = f"/api/e/{actor.enterprise.pk}/applications/"

    def call(self, method, path="", data=None, **headers):
        headers = {"Authorization": f"Bearer {self.token}"} | headers
        more = {} if method in ("get", "delete") else {"content_type": "application/json"}
        return getattr(self.client, method)(self.root + path, data, headers=headers, **more)

    def start(self, version, key="k1", **said):
        given = {"item": version.item.code, "answers": {"equipment_invest": "200"}} | said
        given |= {"contact_name": "张三", "contact_phone": "13800000000"}
        return self.call("post", data=given, **({"Idempotency-Key": key} if key else {}))

    def bring(self, number, material="设备发票", file=None):
        return self.client.post(
            f"{self.root}{number}/files/",
            {"material": material, "file": file or make.pdf()},
            headers={"Authorization": f"Bearer {self.token}"},
        )


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def system(client):
    return System(client, make.applicant())


def employees(told):
    """The key of the question about the enterprise."""
    return next(one["key"] for one in told["form"]["questions"] if one["key"].startswith("employees@"))


def test_from_the_item_to_the_decision(system):
    told = system.start(make.version()).json()
    number, revision = told["number"], told["revision"]
    assert (told["state"], told["form"]["verdict"]) == ("draft", "needs_info")
    assert [one["missing"] for one in told["form"]["materials"] if one["wanted"]] == [True]
    refused = system.call("post", f"{number}/send/", {"revision": revision})
    assert (refused.status_code, refused.json()["code"]) == (409, "incomplete")
    saved = system.call("patch", f"{number}/", {"revision": revision, "answers": {employees(told): "20"}})
    assert saved.json()["form"]["amount_words"] == "20 万元"
    assert system.bring(number).status_code == 201
    sent = system.call("post", f"{number}/send/", {"revision": saved.json()["revision"]})
    assert (sent.status_code, sent.json()["state"], sent.json()["form"]) == (200, "submitted", None)
    assert [one["what"] for one in sent.json()["deadlines"]] == ["受理"]
    assert sent.json()["decision"] is None
    application = Application.objects.get(number=number)
    assert application.evidence.get().amount_low == 20_000_000
    assert system.call("post", f"{number}/withdraw/", {"reason": "明年再报"}).json()["state"] == "withdrawn"


def test_the_same_key_starts_once_and_another_item_conflicts(system):
    version = make.version()
    first, second = (system.start(version) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["number"] == second.json()["number"]
    reused = system.start(make.version())
    assert (reused.status_code, "另一件" in reused.json()["detail"]) == (409, True)
    other = system.start(version, key="k2")
    assert (other.status_code, other.json()["code"]) == (409, "alive")
    assert Application.objects.count() == 1


def test_all_answers_together_have_a_bound(system):
    told = system.start(make.version()).json()
    for number in range(2):
        answers = {f"equipment_invest@{number}{place:03}": "1" for place in range(150)}
        saved = system.call("patch", f"{told['number']}/", {"revision": told["revision"], "answers": answers})
        told["revision"] += 1
    assert (saved.status_code, saved.json()["code"]) == (409, "too_many")
    assert "最多 200 项" in saved.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 61])
def test_a_key_is_wanted(system, key):
    answer = system.start(make.version(), key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()


@pytest.mark.parametrize(
    "wrong", [{"item": "NONE"}, {"answers": ["x"]}, {"answers": {"a": "x" * 501}}, {"answers": {"a": "x"}}]
)
def test_what_is_wrong_is_named(system, wrong):
    answer = system.start(make.version(), **wrong)
    assert answer.status_code == 400
    assert answer.json().keys() == wrong.keys()
    assert not Application.objects.exists()


def test_one_that_is_not_applied_for_here_says_where(system):
    answer = system.start(make.version(mode="offline", where="政务中心 3 号窗口"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_here")


def test_a_stale_revision_saves_and_sends_nothing(system):
    told = system.start(make.version()).json()
    stale = told["revision"] - 1
    saved = system.call(
        "patch", f"{told['number']}/", {"revision": stale, "answers": {"equipment_invest": "9"}}
    )
    assert (saved.status_code, saved.json()["code"]) == (409, "stale")
    assert system.call("post", f"{told['number']}/send/", {"revision": stale}).status_code == 409
    assert Application.objects.get().answers["equipment_invest"] == "200"


def test_another_enterprise_s_is_not_there(system, client):
    theirs = make.returned()
    files = theirs.files.get()
    for path in ("", "files/", f"files/{files.pk}/"):
        assert system.call("get", f"{theirs.number}/{path}").status_code == 404
    for step in ("send/", "withdraw/"):
        given = {"revision": 1, "reason": "x"}
        assert system.call("post", f"{theirs.number}/{step}", given).status_code == 404
    system.root = f"/api/e/{theirs.enterprise_id}/applications/"
    assert system.call("get").status_code == 404
    assert system.start(theirs.version).status_code == 404


def test_a_key_does_what_its_scopes_say(client):
    actor = make.applicant()
    reader = System(client, actor, [Scope.READ_APPLICATIONS])
    assert reader.call("get").status_code == 200
    assert reader.start(make.version()).status_code == 403
    appeals = System(client, actor, [Scope.READ, Scope.WRITE])
    assert appeals.call("get").status_code == 403


def test_files_are_brought_handed_out_and_taken_away(system):
    number = system.start(make.version()).json()["number"]
    assert system.bring(number, material="无此材料").json()["code"] == "material_unknown"
    pk = system.bring(number).json()["id"]
    assert system.bring(number).json()["code"] == "file_known"
    assert b"".join(system.call("get", f"{number}/files/{pk}/").streaming_content) == PDF
    assert system.call("delete", f"{number}/files/{pk}/").status_code == 204
    assert system.call("get", f"{number}/files/").json() == []


def test_a_list_is_amended_and_sent_again(client):
    application = make.returned()
    system = System(client, make.actor_for(application))
    path = f"{application.number}/"
    told = system.call("get", path).json()
    (point,) = told["amendments"][0]["points"]
    assert (point["what"], point["material"]) == ("补盖章的发票", "设备发票")
    given = {"revision": told["revision"], "replies": {str(point["id"]): "原件已盖章，见附件"}}
    saved = system.call("patch", path, given).json()
    assert saved["form"]["problems"] == []
    assert system.call("post", f"{path}send/", {"revision": saved["revision"]}).json()["state"] == "submitted"
    wrong = system.call("patch", path, {"revision": 0, "replies": {"x": "y"}})
    assert wrong.status_code == 400


def test_reading_takes_few_queries(client, django_assert_max_num_queries):
    application = make.filled()
    system = System(client, make.actor_for(application))
    system.call("get")  # the note of the key's use
    with django_assert_max_num_queries(16):
        system.call("get", f"{application.number}/")
    with django_assert_max_num_queries(8):
        assert system.call("get").json()["count"] == 1
    assert system.call("get", "?state=nonsense").status_code == 400
    assert system.call("get", "?state=approved").json()["count"] == 0


def test_the_decision_is_told_only_when_it_is_made(client):
    refused, proposed = make.refused(), make.proposed()
    told = System(client, make.actor_for(refused)).call("get", f"{refused.number}/").json()
    assert (told["decision"]["outcome"], told["decision"]["clause"]) == ("refuse", "第三条")
    still = System(client, make.actor_for(proposed)).call("get", f"{proposed.number}/").json()
    assert still["decision"] is None
    assert "第三条" not in str(still["events"])


def test_the_schema_names_it():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert "/api/e/{enterprise}/applications/{number}/send/" in schema["paths"]


@pytest.mark.parametrize("said", [{"notes": {"a\0": "x"}}, {"notes": {"\ud800": "x"}}])
def test_a_name_that_no_database_keeps_is_refused(system, said):
    answer = system.start(make.version(), **said)
    assert (answer.status_code, answer.json()["code"]) == (409, "unstorable")
    assert not Application.objects.exists()


def test_what_is_not_there_is_said_in_the_county_s_language(system):
    told = system.call("get", "SB-2026-01-9999/")
    assert (told.status_code, told.json()["detail"]) == (404, "没有这件申报。")
