"""JSON is data or a refusal in words."""

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import JSONField

from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.forms import StrictJSONField
from portal.kernel.strictjson import read_json, unstorable

REFUSED = {
    "syntax": ["{", "{'a': 1}", "[1,]", "\ufeff[]", "x"],
    "float": ["NaN", "[Infinity]", '{"a": -Infinity}', "1e400", "0.1", "1E2"],
    "duplicate_key": ['{"a": 1, "a": 1}'],
    "number_too_large": ["9" * 5_000],
    "too_deep": ["[" * 200_000],
    "unstorable": [r'"\u0000"', r'{"a": ["\ud800"]}', r'{"\u0000": 1}', '"\ud800"'],
}


@pytest.mark.parametrize(
    ("code", "text"),
    [(code, text) for code, texts in REFUSED.items() for text in texts],
    ids=lambda x: x[:20],
)
def test_what_is_no_data_is_refused(code, text):
    with pytest.raises(DomainError) as refusal:
        read_json(text)
    assert refusal.value.code == code
    with pytest.raises(ValidationError):
        StrictJSONField().clean(text)


def test_what_can_be_stored_is_read():
    assert read_json('{"a": [1, "😀", null, true, "\\u4e2d\\ud83d\\ude00"]}') == {
        "a": [1, "😀", None, True, "中😀"]
    }
    assert StrictJSONField(required=False).clean("") is None
    assert StrictJSONField(required=False, initial=dict).clean("") == {}
    assert unstorable({"a": ["x", {"b": "\0"}]}) == "/a/1/b"


def test_every_json_of_the_admin_is_read_strictly(rf):
    """A plain `forms.JSONField` would let NaN through to PostgreSQL."""
    request = rf.get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    lax = [
        f"{model._meta.label}.{name}"
        for model, options in admin.site._registry.items()
        if options.has_add_permission(request) and not model.__module__.startswith("allauth.")
        for name, field in options.get_form(request).base_fields.items()
        if isinstance(field, JSONField) and not isinstance(field, StrictJSONField)
    ]
    assert lax == []
