"""Applications: what an enterprise claims, what was judged, and how it was decided."""

from policies.models.applying.amendment import Amendment, AmendmentPoint
from policies.models.applying.application import Application, ApplicationEvent, ApplicationRating
from policies.models.applying.deadline import ApplicationClock, StepReminder, StepTarget
from policies.models.applying.evidence import ApplicationFile, Evidence
from policies.models.applying.notice import Objection, PublicNotice
from policies.models.applying.opinion import Opinion, OpinionTemplate, ReviewDelegation

__all__ = [
    "Amendment",
    "AmendmentPoint",
    "Application",
    "ApplicationClock",
    "ApplicationEvent",
    "ApplicationFile",
    "ApplicationRating",
    "Evidence",
    "Objection",
    "Opinion",
    "OpinionTemplate",
    "PublicNotice",
    "ReviewDelegation",
    "StepReminder",
    "StepTarget",
]
