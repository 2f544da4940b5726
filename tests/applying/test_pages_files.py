"""Files of an application: what they are is read from their bytes, and they leave by their own door alone."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from policies.models import ApplicationFile
from portal.kernel.soundness import MAX_UNPACKED
from tests.applying import factories as make
from tests.applying.pages import form_of, login, text
from tests.enterprises.factories import actor_of
from tests.papers import PDF, pdf_of

pytestmark = pytest.mark.django_db
FIELD, MATERIAL = "file-1", {"material-1": "设备发票"}
JSON = {"headers": {"accept": "application/json"}}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
EMPTY = ("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>")
EXE = b"MZ\x90\x00\x03\x00\x00\x00" * 20


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def package(*names, size=0):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, b"0" * size)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("图.svg", SVG),
        ("图.png", SVG),
        ("页.html", HTML),
        ("发票.pdf", HTML),
        ("发票.pdf.exe", PDF),
        ("发票.exe.pdf", EXE),
        ("发票.jpg", PDF),
        ("发票", PDF),
        ("发票.pdf", b""),
        ("发票.pdf", b"%PDF-1.4\n%%EOF\n"),
        ("发票.pdf", pdf_of(bodies=EMPTY)),
        ("发票.zip", package("a.pdf")),
        ("表.xlsx", package("xl/workbook.xml", "xl/vbaProject.bin")),
    ],
)
def test_what_it_is_not_is_refused_with_its_name(client, name, content):
    application = make.drafted()
    login(client, application)
    data = MATERIAL | {FIELD: SimpleUploadedFile(name, content)}
    told = client.post(f"{application.get_absolute_url()}files/", data, **JSON)
    assert told.status_code == 200
    (line,) = told.json()["refused"]
    assert line.startswith(f"“{name}”没有上传：")
    assert not ApplicationFile.objects.exists()


def test_an_archive_bomb_is_not_unpacked(client):
    application = make.drafted()
    login(client, application)
    bomb = package("word/document.xml", size=MAX_UNPACKED + 1)
    data = MATERIAL | {FIELD: SimpleUploadedFile("报告.docx", bomb)}
    told = client.post(f"{application.get_absolute_url()}files/", data, **JSON)
    assert "解压后过大" in told.json()["refused"][0]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "..\\..\\boot.pdf", "发" * 300 + ".pdf", "a\u202ecod.pdf"]
)
def test_names_are_made_fit_to_be_shown(client, name):
    application = make.drafted()
    login(client, application)
    # By hand: the test client would clean the name before it is sent.
    body = (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="material-1"\r\n\r\n设备发票\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{FIELD}"; filename="{name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        + PDF
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    answer = client.generic(
        "POST", f"{application.get_absolute_url()}files/", body, content_type=MULTIPART_CONTENT
    )
    assert answer.status_code == 302
    kept = ApplicationFile.objects.get()
    assert len(kept.name) <= 140
    assert kept.name.endswith(".pdf")
    assert not set("/\\\u202e") & set(kept.name)
    assert ".." not in kept.file.name


def test_good_ones_are_kept_beside_bad_ones_and_nothing_typed_is_lost(client):
    application = make.drafted()
    login(client, application)
    base = application.get_absolute_url()
    files = [make.pdf(), SimpleUploadedFile("图.svg", SVG)]
    data = form_of(
        application, **MATERIAL, **{FIELD: files, "answer-equipment_invest": "200", "then": "check"}
    )
    answer = client.post(f"{base}save/", data, follow=True)
    assert "“图.svg”没有上传" in text(answer)
    application.refresh_from_db()
    assert application.answers["equipment_invest"] == "200"
    assert [file.name for file in application.files.all()] == ["发票.pdf"]


def test_the_same_file_twice_is_one(client):
    application = make.drafted()
    login(client, application)
    for _ in range(2):
        told = client.post(f"{application.get_absolute_url()}files/", MATERIAL | {FIELD: make.pdf()}, **JSON)
        assert told.json()["refused"] == []
    assert application.files.count() == 1


def test_a_material_that_is_none(client):
    application = make.drafted()
    login(client, application)
    told = client.post(
        f"{application.get_absolute_url()}files/", {"file-0": make.pdf(), "material-0": "身份证"}, **JSON
    )
    assert "没有这份材料" in told.json()["refused"][0]


def test_it_leaves_by_its_own_door_with_headers_that_let_nobody_run_it(client):
    application = make.filled()
    kept = application.files.get()
    login(client, application)
    answer = client.get(f"{application.get_absolute_url()}files/{kept.pk}/")
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == PDF


def test_another_enterprises_file_is_not_found_by_any_address(client):
    application = make.filled()
    kept = application.files.get()
    stranger = make.drafted(application.version, actor_of())
    login(client, stranger)
    for base in (application.get_absolute_url(), stranger.get_absolute_url()):
        assert client.get(f"{base}files/{kept.pk}/").status_code == 404
        assert client.post(f"{base}files/{kept.pk}/remove/").status_code == 404
    client.logout()
    assert client.get(f"{application.get_absolute_url()}files/{kept.pk}/").status_code == 302
    kept.refresh_from_db()
    assert kept.removed_at is None


def test_removed_with_what_was_typed_beside_it_kept(client):
    application = make.filled()
    kept = application.files.get()
    login(client, application)
    base = application.get_absolute_url()
    data = form_of(application, **{"answer-equipment_invest": "310"})
    assert client.post(f"{base}files/{kept.pk}/remove/", data).url == base
    application.refresh_from_db()
    assert application.answers["equipment_invest"] == "310"
    assert not application.files.filter(removed_at=None).exists()
    again = client.post(f"{base}files/{kept.pk}/remove/", **JSON)
    assert (again.status_code, again.json()["code"]) == (409, "gone")


def test_what_was_sent_takes_no_more_files_and_gives_none_back(client):
    application = make.sent()
    kept = application.files.get()
    login(client, application)
    base = application.get_absolute_url()
    told = client.post(f"{base}files/", MATERIAL | {FIELD: make.pdf(more=b"2")}, **JSON)
    assert "不能再改材料" in told.json()["refused"][0]
    client.post(f"{base}files/{kept.pk}/remove/")
    assert application.files.filter(removed_at=None).count() == 1
