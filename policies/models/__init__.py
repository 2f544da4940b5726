"""Policies as data: document → item → version → application, what was told, what search looks in."""

from policies.models.applying import (
    Amendment,
    AmendmentPoint,
    Application,
    ApplicationClock,
    ApplicationEvent,
    ApplicationFile,
    ApplicationRating,
    Evidence,
    Objection,
    Opinion,
    OpinionTemplate,
    PublicNotice,
    ReviewDelegation,
    StepReminder,
    StepTarget,
)
from policies.models.document import DocumentEditor, DocumentEvent, PolicyDocument
from policies.models.item import PolicyItem
from policies.models.marks import DirtyItem
from policies.models.push import Push
from policies.models.search import SearchEntry, SearchWord
from policies.models.version import ItemVersion, ItemVersionEvent, VersionEditor, VersionSource

__all__ = [
    "Amendment",
    "AmendmentPoint",
    "Application",
    "ApplicationClock",
    "ApplicationEvent",
    "ApplicationFile",
    "ApplicationRating",
    "DirtyItem",
    "DocumentEditor",
    "DocumentEvent",
    "Evidence",
    "ItemVersion",
    "ItemVersionEvent",
    "Objection",
    "Opinion",
    "OpinionTemplate",
    "PolicyDocument",
    "PolicyItem",
    "PublicNotice",
    "Push",
    "ReviewDelegation",
    "SearchEntry",
    "SearchWord",
    "StepReminder",
    "StepTarget",
    "VersionEditor",
    "VersionSource",
]
