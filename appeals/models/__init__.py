"""Appeals, their orders, and what they are handed out by."""

from appeals.models.answer import Answer, Promise, Survey
from appeals.models.appeal import (
    Appeal,
    AppealEvent,
    Attachment,
    Category,
    IntakeRule,
    SharedProblem,
)
from appeals.models.clock import ClockTarget, OrderClock, ReminderLevel
from appeals.models.order import Assignment, OrderEvent, Override, WorkOrder
from appeals.models.provider import (
    Provider,
    ProviderEvent,
    ProviderMember,
    ProviderRule,
    Rating,
    RatingWeight,
    ServiceItem,
    Team,
)
from appeals.models.roster import Shift
from appeals.models.routing import DutyPhrase, RoutingModel, RoutingRule, Suggestion
from appeals.models.talk import Talk, TalkEvent, TalkGuest, TalkTopic
from appeals.models.visit import Pairing, Visit, VisitEvent, VisitPhoto

__all__ = [
    "Answer",
    "Appeal",
    "AppealEvent",
    "Assignment",
    "Attachment",
    "Category",
    "ClockTarget",
    "DutyPhrase",
    "IntakeRule",
    "OrderClock",
    "OrderEvent",
    "Override",
    "Pairing",
    "Promise",
    "Provider",
    "ProviderEvent",
    "ProviderMember",
    "ProviderRule",
    "Rating",
    "RatingWeight",
    "ReminderLevel",
    "RoutingModel",
    "RoutingRule",
    "ServiceItem",
    "SharedProblem",
    "Shift",
    "Suggestion",
    "Survey",
    "Talk",
    "TalkEvent",
    "TalkGuest",
    "TalkTopic",
    "Team",
    "Visit",
    "VisitEvent",
    "VisitPhoto",
    "WorkOrder",
]
