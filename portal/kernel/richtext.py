"""Formatted text that people paste: cleaned before it is stored and again before it is shown."""

from typing import Any, Final

import nh3
from django.db import models

TAGS: Final = frozenset(
    """
    a abbr b blockquote br caption code col colgroup dd del div dl dt em h2 h3 h4 h5 h6 hr i ins li ol p pre
    s span strong sub sup table tbody td tfoot th thead tr u ul
    """.split()  # noqa: SIM905 - a list of quoted names is harder to read
)
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "col": {"span"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})


def clean_html(text: str) -> str:
    """The text with the allowed tags only: no script, style, event, image, frame or odd scheme."""
    return nh3.clean(
        text.replace("\x00", ""),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


class RichTextField(models.TextField):
    """A TextField whose HTML is cleaned on every way in: save, bulk_create and update."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = clean_html(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        cleaned = clean_html(value) if isinstance(value, str) else value
        return super().get_db_prep_save(cleaned, connection)
