"""Policies as data: document → item → version, what was told of it, and what search looks in."""

from policies.models.document import DocumentEditor, DocumentEvent, PolicyDocument
from policies.models.item import PolicyItem
from policies.models.marks import DirtyItem
from policies.models.push import Push
from policies.models.search import SearchEntry, SearchWord
from policies.models.version import ItemVersion, ItemVersionEvent, VersionEditor, VersionSource

__all__ = [
    "DirtyItem",
    "DocumentEditor",
    "DocumentEvent",
    "ItemVersion",
    "ItemVersionEvent",
    "PolicyDocument",
    "PolicyItem",
    "Push",
    "SearchEntry",
    "SearchWord",
    "VersionEditor",
    "VersionSource",
]
