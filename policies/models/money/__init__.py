"""Money: who is owed what, from which budget, into which account, and what the treasury said of it.

The treasury pays and this ledger shadows it. What must never happen is refused by the database itself: see
the constraints here and the triggers of `0017_money_stands`.
"""

from policies.models.money.account import AccountCheck, PayeeAccount
from policies.models.money.award import Award
from policies.models.money.batch import BatchSignature, PaymentBatch, PaymentBatchEvent
from policies.models.money.budget import BudgetLine, Freeze
from policies.models.money.correction import Correction, CorrectionEvent
from policies.models.money.exchange import (
    InstructionDelivery,
    InstructionFile,
    ReturnFile,
    ReturnFileEvent,
    ReturnLine,
)
from policies.models.money.invariants import MoneyInvariant
from policies.models.money.payment import Payment, PaymentEvent, Transfer

__all__ = [
    "AccountCheck",
    "Award",
    "BatchSignature",
    "BudgetLine",
    "Correction",
    "CorrectionEvent",
    "Freeze",
    "InstructionDelivery",
    "InstructionFile",
    "MoneyInvariant",
    "PayeeAccount",
    "Payment",
    "PaymentBatch",
    "PaymentBatchEvent",
    "PaymentEvent",
    "ReturnFile",
    "ReturnFileEvent",
    "ReturnLine",
    "Transfer",
]
