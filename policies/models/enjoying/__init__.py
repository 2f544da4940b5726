"""免申即享: when an item is run, who was found, what was shown, how each enterprise answered."""

from policies.models.enjoying.candidate import EnjoyCandidate, EnjoyCandidateEvent
from policies.models.enjoying.notice import EnjoyNotice, EnjoyObjection
from policies.models.enjoying.plan import EnjoyPlan
from policies.models.enjoying.run import EnjoyRun, EnjoyRunEvent

__all__ = [
    "EnjoyCandidate",
    "EnjoyCandidateEvent",
    "EnjoyNotice",
    "EnjoyObjection",
    "EnjoyPlan",
    "EnjoyRun",
    "EnjoyRunEvent",
]
