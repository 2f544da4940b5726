"""Several files in one field of a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from portal.kernel.uploads import UploadValidator, display_name


class ManyFiles(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        """All files of that name."""
        return files.getlist(name) if hasattr(files, "getlist") else []


class ManyFilesField(forms.FileField):
    """At most `most` files, each refused by its name when the validator refuses it."""

    most: ClassVar[int]
    too_many: ClassVar[Any]

    def __init__(self, attrs: dict[str, Any], validator: UploadValidator, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            allow_empty_file=True,  # the validator says it in better words
            widget=ManyFiles(attrs={"multiple": True, **attrs}),
            validators=[validator],
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Every file that may be kept. Raises ValidationError with a line for each that may not."""
        refused = []
        for file in data or ():
            try:
                super().clean(file, initial)
            except ValidationError as error:
                refused.append(f"{display_name(file.name)}：{''.join(error.messages)}")
        if len(data or ()) > self.most:
            refused.append(str(self.too_many % {"most": self.most}))
        if refused:
            raise ValidationError(refused, code="file_refused")
        return list(data or ())
