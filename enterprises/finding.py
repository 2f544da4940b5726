"""Finding enterprises by what somebody types."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q

from portal.kernel.numbers import plain_characters

CODE_PART: Final = re.compile(r"[0-9A-Z]{6,18}")
"""What can be a part of a credit code (GB 32100-2015: 18 digits and capitals); less says too little."""


def named(words: str, path: str = "") -> Q:
    """Those with the words in their name, or in their credit code where it can be a part of one.

    Full-width letters and digits find too.

    `path`: from the rows that are narrowed to their enterprise, say `pairing__enterprise__`.
    """
    found, plain = Q(**{f"{path}name__icontains": words}), plain_characters(words)
    if plain and plain != words:
        found |= Q(**{f"{path}name__icontains": plain})
    code = plain.upper()
    if CODE_PART.fullmatch(code):
        found |= Q(**{f"{path}uscc__contains": code})
    return found
