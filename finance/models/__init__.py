"""Inclusive finance as data: banks, their products, and what is built on them."""

from finance.models.bank import Bank, BankOfficer, Branch
from finance.models.lending import (
    Drawdown,
    LoanList,
    LoanListEvent,
    LoanListKind,
    LoanListState,
    Repayment,
)
from finance.models.loan import LoanApplication, LoanEvent, LoanFile, LoanGrab
from finance.models.loan_clock import LoanClock, LoanReminder, LoanTarget
from finance.models.loan_states import LoanMark, LoanMode, LoanState
from finance.models.pool import PoolFuse, PoolSource, PoolState, RiskPool, RiskPoolEvent
from finance.models.pool_cover import (
    ClaimState,
    PoolAdmission,
    PoolClaim,
    PoolClaimEvent,
    PoolClaimFile,
    PoolInvariant,
    PoolRecovery,
    PoolTransfer,
    PoolTransferKind,
    ReleaseReason,
)
from finance.models.product import CreditProduct, ProductVersion, ProductVersionEditor, ProductVersionEvent

__all__ = [
    "Bank",
    "BankOfficer",
    "Branch",
    "ClaimState",
    "CreditProduct",
    "Drawdown",
    "LoanApplication",
    "LoanClock",
    "LoanEvent",
    "LoanFile",
    "LoanGrab",
    "LoanList",
    "LoanListEvent",
    "LoanListKind",
    "LoanListState",
    "LoanMark",
    "LoanMode",
    "LoanReminder",
    "LoanState",
    "LoanTarget",
    "PoolAdmission",
    "PoolClaim",
    "PoolClaimEvent",
    "PoolClaimFile",
    "PoolFuse",
    "PoolInvariant",
    "PoolRecovery",
    "PoolSource",
    "PoolState",
    "PoolTransfer",
    "PoolTransferKind",
    "ProductVersion",
    "ProductVersionEditor",
    "ProductVersionEvent",
    "ReleaseReason",
    "Repayment",
    "RiskPool",
    "RiskPoolEvent",
]
