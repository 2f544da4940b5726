"""Files of applications: what they are is read from their bytes, and what was sent stays."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from policies.applying import files
from policies.models import ApplicationFile
from portal.kernel.errors import DomainError
from tests.applying import factories as make
from tests.papers import PDF

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"\0" * (220 * 1024 * 1024))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("图.svg", SVG),
        ("页.html", b"<html><script>alert(1)</script></html>"),
        ("发票.pdf", b""),
        ("发票.pdf", SVG),
        ("发票.pdf.exe", PDF),
        ("发票.jpg", PDF),
        ("发票.docx", b"PK\x03\x04broken"),
    ],
)
def test_what_is_not_taken(name, content):
    application = make.drafted()
    with pytest.raises(DomainError) as told:
        files.attach(application, "设备发票", SimpleUploadedFile(name, content), by=None)
    assert told.value.code == "file_refused"
    assert not application.files.exists()


def test_a_packed_bomb():
    with pytest.raises(DomainError):
        files.attach(make.drafted(), "设备发票", SimpleUploadedFile("说明.docx", bomb()), by=None)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "长" * 300 + ".pdf", "a\u202efdp.pdf", "C:\\发票.pdf"]
)
def test_a_name_is_made_fit_to_be_shown_and_is_no_path(name):
    kept = files.attach(make.drafted(), "设备发票", make.pdf(name), by=None)
    assert kept.name.endswith(".pdf")
    assert len(kept.name) <= 140
    assert not set(kept.name) & set("/\\\u202e")
    assert ".." not in kept.file.name


def test_the_same_file_twice_and_as_a_material_that_is_none():
    application = make.drafted()
    files.attach(application, "设备发票", make.pdf(), by=None)
    with pytest.raises(DomainError) as told:
        files.attach(application, "设备发票", make.pdf("另一个名字.pdf"), by=None)
    assert told.value.code == "file_known"
    with pytest.raises(DomainError) as told:
        files.attach(application, "没有的材料", make.pdf(more=b"1"), by=None)
    assert told.value.code == "material_unknown"


def test_removed_it_may_be_brought_again(settings):
    application = make.drafted()
    kept = files.attach(application, "设备发票", make.pdf(), by=None)
    files.remove(application, kept.pk, at=make.now())
    files.attach(application, "设备发票", make.pdf(), by=None)
    with pytest.raises(DomainError):
        files.remove(application, kept.pk, at=make.now())


def test_what_was_sent_stays():
    application = make.sent()
    with pytest.raises(DomainError):
        files.remove(application, application.files.get().pk, at=make.now())
    with pytest.raises(DomainError):
        files.attach(application, "设备发票", make.pdf(more=b"1"), by=None)
    with pytest.raises(IntegrityError, match="stand as they were sent"), transaction.atomic():
        ApplicationFile.objects.all().delete()


def refuse(file):
    raise ValidationError("文件带有病毒，未接收。")


def test_a_scanner_has_the_last_word(settings):
    settings.UPLOAD_SCANNER = f"{__name__}.refuse"
    with pytest.raises(DomainError, match="病毒"):
        files.attach(make.drafted(), "设备发票", make.pdf(), by=None)
