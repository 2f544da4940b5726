"""Whether a file can be opened at all: pages that are there, pictures that decode, packages that unpack.

Each raises ValidationError in words for the person who brought it, and leaves the file at its beginning.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image

MAX_UNPACKED: Final = 200 * 1024 * 1024
"""Bytes of a package, or of a picture, once it is unpacked."""
MAX_ENTRIES: Final = 10_000
MAX_PIXELS: Final = 80_000_000
UNPACKING: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What a damaged, encrypted or strangely packed package fails with."""
SMALLER: Final = 8
"""A JPEG is decoded at this part of its size: every byte is read, and little memory needed."""


def check_image(file: BinaryIO) -> None:
    """A JPEG or PNG that decodes to its last line, and is not too large to be."""
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            unpacked = image.width * image.height * len(image.getbands())
            if image.width * image.height > MAX_PIXELS or image.format == "PNG" and unpacked > MAX_UNPACKED:
                raise ValidationError(_("图片尺寸过大，请压缩后上传。"), code="upload_pixels")
            image.verify()
        file.seek(0)
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            image.draft(None, (max(1, image.width // SMALLER), max(1, image.height // SMALLER)))
            image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValidationError(_("图片尺寸过大，请压缩后上传。"), code="upload_pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(_("图片已损坏，请重新拍摄或导出。"), code="upload_broken") from error
    finally:
        file.seek(0)


def check_pdf(file: BinaryIO) -> None:
    """A PDF that opens without a password and has a page."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValidationError(_("PDF 设有打开密码，请去掉密码后上传。"), code="upload_locked")
        pages = len(reader.pages)
    except (ValidationError, DependencyError):
        raise
    except Exception as error:  # what is damaged makes the reader fail in every way there is
        raise ValidationError(_("PDF 已损坏或没有内容，请重新导出后上传。"), code="upload_broken") from error
    finally:
        file.seek(0)
    if not pages:
        raise ValidationError(_("PDF 里没有一页内容，请重新导出后上传。"), code="upload_empty")


def check_package(file: BinaryIO) -> list[str]:
    """Names of what is in a package (OFD, XLSX, DOCX) all of which unpacks, and is not too much."""
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise ValidationError(_("文件解压后过大，请拆分后上传。"), code="upload_bomb")
            damaged = package.testzip()  # an entry yields no more than it says, so that is bounded too
            if damaged is not None:
                raise zipfile.BadZipFile(damaged)
    except UNPACKING as error:
        raise ValidationError(_("文件已损坏或加了密，请重新生成后上传。"), code="upload_broken") from error
    finally:
        file.seek(0)
    return [entry.filename for entry in entries]
