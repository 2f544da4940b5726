"""Files that people bring: what they are is read from their bytes, never from their name.

    licence = models.FileField(upload_to=stored_name, validators=[UploadValidator(IMAGES | {Kind.PDF})])

Files are stored under names of our own; `display_name` makes what the person called it fit to be shown.
"""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final
from unicodedata import category
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.kernel.soundness import check_image, check_package, check_pdf

MEGABYTE: Final = 1024 * 1024
MAX_BYTES: Final = 20 * MEGABYTE
NAME_LENGTH: Final = 120


class Kind(StrEnum):
    """What a file is; the value is its file extension."""

    PDF = "pdf"
    OFD = "ofd"  # GB/T 33190-2016, the layout format of Chinese offices
    JPEG = "jpg"
    PNG = "png"
    XLSX = "xlsx"
    DOCX = "docx"
    CSV = "csv"


IMAGES: Final = frozenset({Kind.JPEG, Kind.PNG})
DOCUMENTS: Final = frozenset({Kind.PDF, Kind.OFD, Kind.DOCX})
SHOWN: Final = IMAGES | {Kind.PDF}
"""What a browser shows by itself; everything else is saved."""
EXTENSIONS: Final = {"jpeg": Kind.JPEG, "txt": Kind.CSV} | {kind.value: kind for kind in Kind}
_MAGIC: Final = {b"%PDF-": Kind.PDF, b"\xff\xd8\xff": Kind.JPEG, b"\x89PNG\r\n\x1a\n": Kind.PNG}
_PACKED: Final = {"OFD.xml": Kind.OFD, "xl/workbook.xml": Kind.XLSX, "word/document.xml": Kind.DOCX}


def sniff(file: BinaryIO) -> Kind:
    """What the bytes are. Raises ValidationError for anything else, for macros and for packed bombs."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _sniff_package(file)
    if head and not any(byte < 9 or 13 < byte < 32 for byte in head):
        return Kind.CSV
    raise ValidationError(_("不支持这种文件，或文件已损坏。"), code="upload_kind")


def _sniff_package(file: BinaryIO) -> Kind:
    names = set(check_package(file))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ValidationError(_("文件含有宏，请另存为不含宏的格式后上传。"), code="upload_macro")
    for name, kind in _PACKED.items():
        if name in names:
            return kind
    raise ValidationError(_("不支持压缩包，请直接上传文件。"), code="upload_kind")


@deconstructible
class UploadValidator:
    """Refuses a file that is too large, not of the `kinds`, broken, named as what it is not, or infected."""

    def __init__(self, kinds: Iterable[Kind | str], max_bytes: int = MAX_BYTES) -> None:
        self.kinds = sorted(Kind(kind).value for kind in kinds)
        self.max_bytes = max_bytes

    def __call__(self, file: Any) -> None:
        if not file.size:
            raise ValidationError(_("文件是空的，请重新选择。"), code="upload_empty")
        if file.size > self.max_bytes:
            most = self.max_bytes // MEGABYTE
            raise ValidationError(_("文件不能超过 %(most)d MB。") % {"most": most}, code="upload_size")
        kind = sniff(file)
        if kind not in self.kinds:
            allowed = "、".join(self.kinds)
            raise ValidationError(_("请上传 %(kinds)s 格式的文件。") % {"kinds": allowed}, code="upload_kind")
        if EXTENSIONS.get(_extension(file.name)) != kind:
            raise ValidationError(
                _("文件内容是 %(kind)s，与扩展名不符，请改正后上传。") % {"kind": kind.value},
                code="upload_extension",
            )
        if kind in IMAGES:
            check_image(file)
        if kind == Kind.PDF:
            check_pdf(file)
        _scan(file)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UploadValidator) and hash(self) == hash(other)

    def __hash__(self) -> int:
        return hash((tuple(self.kinds), self.max_bytes))


def _scan(file: Any) -> None:
    """Let the scanner of `UPLOAD_SCANNER`, a dotted path to a callable, look at a file; without one, nothing.

    It is given the file and raises ValidationError to refuse it.
    """
    if settings.UPLOAD_SCANNER:
        import_string(settings.UPLOAD_SCANNER)(file)
        file.seek(0)


def stored_name(instance: Any, filename: str) -> str:
    """`upload_to`: app/year/month/random.extension; of what the person typed only a known extension."""
    kind = EXTENSIONS.get(_extension(filename))
    ending = f".{kind.value}" if kind else ""
    return f"{instance._meta.app_label}/{timezone.localdate():%Y/%m}/{uuid4().hex}{ending}"


def kind_of(name: str | None) -> Kind | None:
    """What a kept file is, by its name: its bytes were looked at and agreed with the extension."""
    return EXTENSIONS.get(_extension(name or ""))


def display_name(filename: str) -> str:
    """The person's own name for the file without folders, control or direction characters, not too long."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1].replace("%22", '"')  # as browsers send it in forms
    name = "".join(char for char in last if category(char)[0] != "C").strip(" .")
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix[:12]
    return (stem[: NAME_LENGTH - len(suffix)] + suffix) or _("未命名文件")


def _extension(filename: str) -> str:
    return PurePosixPath(filename).suffix.lstrip(".").lower()
