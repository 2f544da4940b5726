"""A short name for a content: equal contents have the same, and no other content can be found that has it."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical JSON (keys in order, no blanks), in hexadecimal."""
    text = json.dumps(
        content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()
