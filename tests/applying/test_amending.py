"""Answering a list of amendments: in words, with files at each point, by changing what was filled in."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from policies.applying import drafts, files, sending
from policies.models import AmendmentPoint
from policies.reviewing import intake
from policies.reviewing.desk.amended import answered
from policies.reviewing.intake import Point
from portal.kernel.errors import DomainError
from tests.applying import factories as make
from tests.applying.pages import form_of, login, text

pytestmark = pytest.mark.django_db
JSON = {"headers": {"accept": "application/json"}}


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def asked_for(*points):
    application = make.sent()
    intake.give_back(application, points, by=make.reviewer(), at=make.now())
    return application


def other():
    return asked_for(Point("other", "", "补消防验收意见", "清单外的，要核对场地"))


def send_again(application):
    application.refresh_from_db()
    return sending.send(application, make.actor_for(application), at=make.now())


class TestFiles:
    def test_a_paper_that_is_on_no_list_is_brought_at_its_point_and_frozen(self, client):
        application = other()
        point = AmendmentPoint.objects.get()
        login(client, application)
        base = application.get_absolute_url()
        place = f"p{point.pk}"
        page = text(client.get(base))
        assert f'name="file-{place}"' in page
        given = {f"material-{place}": point.material, f"file-{place}": make.pdf("验收.pdf", b"1")}
        told = client.post(f"{base}files/", given, **JSON)
        assert told.json()["refused"] == []
        assert f'id="files-{place}"' in text(client.get(f"{base}figures/"))
        assert "见新上传的文件" in text(client.get(f"{base}send/"))
        evidence = send_again(application)
        (frozen,) = [one for one in evidence.content["materials"] if one["name"] == "补正：补消防验收意见"]
        assert [file["name"] for file in frozen["files"]] == ["验收.pdf"]
        point.refresh_from_db()
        assert point.done

    def test_nothing_is_brought_for_another_applications_point_or_one_that_is_done(self):
        application, stranger = other(), make.drafted()
        material = AmendmentPoint.objects.get().material
        with pytest.raises(DomainError) as told:
            files.attach(stranger, material, make.pdf(), by=None)
        assert told.value.code == "material_unknown"
        files.attach(application, material, make.pdf(), by=None)
        send_again(application)
        with pytest.raises(DomainError):
            files.attach(application, material, make.pdf(more=b"2"), by=None)

    def test_a_material_that_is_wanted_is_brought_at_its_point_as_that_material(self, client):
        application = make.returned()
        point = AmendmentPoint.objects.get()
        login(client, application)
        place = f"p{point.pk}"
        given = {f"material-{place}": point.material, f"file-{place}": make.pdf(more=b"3")}
        client.post(f"{application.get_absolute_url()}files/", given, **JSON)
        assert set(application.files.values_list("material", flat=True)) == {"设备发票"}
        send_again(application)

    def test_two_points_in_the_same_words_share_no_file(self, client):
        application = asked_for(*[Point("other", "", "补盖章页", why) for why in ("合同", "发票")])
        first, second = AmendmentPoint.objects.order_by("pk")
        login(client, application)
        base = application.get_absolute_url()
        given = {f"material-p{first.pk}": first.material, f"file-p{first.pk}": make.pdf("合同.pdf", b"1")}
        assert client.post(f"{base}files/", given, **JSON).json()["refused"] == []
        with pytest.raises(DomainError) as told:
            send_again(application)
        assert "第 2 项还没有补正：补盖章页" in str(told.value)
        assert "第 1 项" not in str(told.value)
        given = {f"file-p{second.pk}": make.pdf("合同.pdf", b"1")}  # the same paper may serve both
        assert client.post(f"{base}files/", given, **JSON).json()["refused"] == []
        content = send_again(application).content
        at = {
            one["point"] for material in content["materials"] for one in material["files"] if "point" in one
        }
        assert at == {first.pk, second.pk}
        (list_,) = answered(list(application.amendments.all()), list(application.evidence.all()))
        assert [one.brought for one in list_.points] == [("合同.pdf",), ("合同.pdf",)]

    def test_words_that_two_points_have_say_not_which(self):
        application = asked_for(*[Point("other", "", "补盖章页", why) for why in ("合同", "发票")])
        with pytest.raises(DomainError) as told:
            files.attach(application, AmendmentPoint.objects.first().material, make.pdf(), by=None)
        assert told.value.code == "point_unclear"

    def test_what_is_brought_at_one_point_of_a_material_mends_no_other(self):
        wanted = [Point("material", "设备发票", what, "看不清") for what in ("补盖章", "补清单")]
        application = asked_for(*wanted)
        point = AmendmentPoint.objects.order_by("pk").first()
        files.attach(application, point, make.pdf(more=b"4"), by=None)
        with pytest.raises(DomainError, match="补清单"):
            send_again(application)
        files.attach(application, "设备发票", make.pdf(more=b"5"), by=None)  # at the material: for both
        send_again(application)

    def test_the_database_takes_no_file_for_anothers_point(self):
        other()
        stranger = make.drafted()
        with pytest.raises(IntegrityError, match="is not asked of application"):
            files.attach(stranger, AmendmentPoint.objects.get(), make.pdf(), by=None)

    def test_the_same_bytes_under_another_name_are_told(self, client):
        application = make.filled()
        login(client, application)
        given = {"material-1": "设备发票", "file-1": make.pdf("另一个名字.pdf")}
        told = client.post(f"{application.get_absolute_url()}files/", given, **JSON)
        assert told.json()["refused"] == ["“另一个名字.pdf”没有上传：同一文件已经以“发票.pdf”上传过。"]


class TestAnswers:
    def change(self, application, text):
        application.refresh_from_db()
        saving = drafts.Saving({"equipment_invest": text})
        drafts.save(application, saving, revision=application.revision, by=None, at=timezone.now())

    @pytest.mark.parametrize(("said", "mended"), [("180", True), (" 200 ", False), ("", False)])
    def test_changing_the_figure_is_mending_it(self, said, mended):
        application = asked_for(Point("answer", "equipment_invest", "核对设备投资", "与发票不符"))
        self.change(application, said)
        if mended:
            send_again(application)
        else:
            with pytest.raises(DomainError) as told:
                send_again(application)
            assert "第 1 项还没有补正：核对设备投资" in str(told.value)

    def test_the_form_need_not_say_more(self, client):
        application = asked_for(Point("answer", "equipment_invest", "核对设备投资", "与发票不符"))
        login(client, application)
        data = form_of(application, **{"answer-equipment_invest": "180"})
        client.post(f"{application.get_absolute_url()}save/", data)
        page = text(client.get(f"{application.get_absolute_url()}send/"))
        assert "填报内容已修改" in page
        assert "还没有补正" not in page
        assert "主管部门拟定意见之前可以撤回" in page
