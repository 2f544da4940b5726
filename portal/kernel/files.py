"""Files kept with a record: one abstract row, and how bytes become one."""

from __future__ import annotations

import hashlib
from typing import Any, Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.kernel.errors import DomainError
from portal.kernel.uploads import (
    DOCUMENTS,
    IMAGES,
    Kind,
    UploadValidator,
    display_name,
    kind_of,
    stored_name,
)

TAKEN: Final = IMAGES | DOCUMENTS | {Kind.XLSX}


class KeptFile(models.Model):
    """A photograph or document with its digest. Subclasses add the foreign key to what it belongs to."""

    file = models.FileField(_("文件"), upload_to=stored_name, validators=[UploadValidator(TAKEN)])
    name = models.CharField(_("文件名"), max_length=140)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    added_at = models.DateTimeField(_("上传时间"), db_default=Now(), editable=False)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether it can stand in a page."""
        return kind_of(self.file.name) in IMAGES

    @classmethod
    def taken_in(cls, file: File[Any], **fields: Any) -> Self:
        """A row of the file, unsaved, named fit to be shown. Raises DomainError for what is not taken.

        `fields` are the caller's own and are not checked here.
        """
        kept = cls(file=file, name=display_name(file.name or ""), digest=digest_of(file), **fields)
        try:
            kept.clean_fields(exclude=set(fields))
        except ValidationError as error:
            raise DomainError("\n".join(error.messages), code="file_refused") from error
        return kept


def digest_of(file: File[Any]) -> str:
    """SHA-256 of the bytes, in hexadecimal; the file stands at its beginning afterwards."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
