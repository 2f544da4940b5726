"""A file is what its bytes are."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

from portal.kernel import soundness
from portal.kernel.uploads import DOCUMENTS, IMAGES, Kind, UploadValidator, display_name, stored_name
from tests.kernel.papers.models import Note
from tests.papers import BODIES, PDF, pdf_of

ANY = UploadValidator(Kind)


def image(form="PNG", size=(4, 4)):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form)
    return out.getvalue()


def package(*names, content=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def torn(content, rest):
    """Without its end."""
    return content[:-rest]


def spoilt(content):
    """The packed bytes are others than were packed; the directory at the end is whole."""
    start = content.index(b"document.xml") + len("document.xml")
    return content[:start] + b"\xff" * 4 + content[start + 4 :]


def locked(password):
    writer, out = PdfWriter(io.BytesIO(PDF)), io.BytesIO()
    writer.encrypt(password, "owner", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def code_of(validator, name, content):
    with pytest.raises(ValidationError) as refusal:
        validator(SimpleUploadedFile(name, content))
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.PDF", PDF),
        ("只限制打印的.pdf", locked("")),
        ("照片.jpeg", image("JPEG")),
        ("a.jpg", image("JPEG")),
        ("a.png", image()),
        ("a.ofd", package("OFD.xml")),
        ("a.xlsx", package("xl/workbook.xml")),
        ("a.docx", package("word/document.xml")),
        ("a.csv", "名称,金额\n甲,1\n".encode("gbk")),
    ],
)
def test_files_of_daily_work_are_taken(name, content):
    file = SimpleUploadedFile(name, content)
    ANY(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "upload_empty"),
        ("a.pdf", b"MZ\x90\x00", "upload_kind"),
        ("a.exe", PDF, "upload_extension"),
        ("a.png", image("JPEG"), "upload_extension"),
        ("a.pdf", b"<html><script>", "upload_extension"),
        ("a.png", image()[:40], "upload_broken"),
        ("a.png", torn(image(size=(64, 64)), 60), "upload_broken"),
        ("a.jpg", torn(image("JPEG", (640, 640)), 400), "upload_broken"),
        ("a.xlsx", package("xl/workbook.xml")[:30], "upload_broken"),
        ("a.docx", spoilt(package("word/document.xml", content=b"words" * 9)), "upload_broken"),
        ("a.pdf", b"%PDF-1.4\n%%EOF\n", "upload_broken"),
        ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<", "upload_broken"),
        ("a.pdf", PDF.replace(b"/Pages 2 0 R", b"/Pages 1 0 R"), "upload_empty"),
        ("a.pdf", pdf_of(bodies=(BODIES[0], "<</Type/Pages/Kids[]/Count 0>>")), "upload_empty"),
        ("a.pdf", locked("open sesame"), "upload_locked"),
        ("a.xlsx", package("xl/workbook.xml", "xl/vbaProject.bin"), "upload_macro"),
        ("a.zip", package("a.txt"), "upload_kind"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, code):
    with pytest.raises(ValidationError) as refusal:
        ANY(SimpleUploadedFile(name, content))
    assert refusal.value.code == code


def test_too_large_too_many_pixels_and_packed_bombs(monkeypatch):
    assert code_of(UploadValidator([Kind.PDF], max_bytes=5), "a.pdf", PDF) == "upload_size"
    assert code_of(UploadValidator(IMAGES), "a.pdf", PDF) == "upload_kind"
    monkeypatch.setattr(soundness, "MAX_PIXELS", 15)
    assert code_of(ANY, "a.png", image()) == "upload_pixels"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)  # twice as many are an error, not a warning
    assert code_of(ANY, "a.png", image()) == "upload_pixels"
    monkeypatch.setattr(soundness, "MAX_UNPACKED", 1000)
    assert code_of(ANY, "a.docx", package("word/document.xml", content=b"0" * 2000)) == "upload_bomb"


def infected(file):
    file.read()
    if "EICAR" in file.name:
        raise ValidationError("文件带有病毒，未接收。", code="infected")


def test_a_scanner_is_given_every_file_that_is_otherwise_in_order(settings):
    settings.UPLOAD_SCANNER = f"{__name__}.infected"
    assert code_of(ANY, "EICAR.pdf", PDF) == "infected"
    assert code_of(ANY, "EICAR.png", PDF) == "upload_extension"
    clean = SimpleUploadedFile("a.pdf", PDF)
    ANY(clean)
    assert clean.tell() == 0


def test_stored_names_are_ours():
    name = stored_name(Note(), "../../etc/证照.JPEG")
    assert name.startswith("papers/20")
    assert name.endswith(".jpg")
    assert ".." not in name
    assert stored_name(Note(), "x.php") != stored_name(Note(), "x.php")
    assert not stored_name(Note(), "x.php").endswith("php")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("C:\\tmp\\a.pdf", "a.pdf"),
        ("../../a.pdf", "a.pdf"),
        ("a<b>%22&.pdf", 'a<b>"&.pdf'),
        ("a\u202efdp.exe", "afdp.exe"),
        ("\x00\n", "未命名文件"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_shown_names_are_harmless(name, shown):
    assert display_name(name) == shown


def test_validators_write_themselves_into_migrations():
    assert UploadValidator(DOCUMENTS) == UploadValidator(["pdf", "ofd", "docx"])
    path, args, kwargs = UploadValidator(IMAGES).deconstruct()
    assert path == "portal.kernel.uploads.UploadValidator"
    assert UploadValidator(*args, **kwargs) == UploadValidator(IMAGES)
