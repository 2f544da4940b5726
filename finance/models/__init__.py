"""Inclusive finance as data: banks, their products, and what is built on them."""

from finance.models.bank import Bank, BankOfficer, Branch
from finance.models.client import BankCall, BankClient, BankScope, BankToken
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
from finance.models.pool_books import PoolInvariant, PoolRecovery, PoolTransfer, PoolTransferKind
from finance.models.pool_cover import (
    ClaimState,
    PoolAdmission,
    PoolClaim,
    PoolClaimEvent,
    PoolClaimFile,
    ReleaseReason,
)
from finance.models.product import CreditProduct, ProductVersion, ProductVersionEditor, ProductVersionEvent
from finance.models.score import (
    Score,
    ScoreBin,
    ScoreCharacteristic,
    ScoreComparison,
    ScoreEditor,
    ScoreModel,
    ScoreRun,
    ScoreSheet,
    ScoreVersion,
    ScoreVersionEvent,
)
from finance.models.whitelist import (
    EntryOutcome,
    Whitelist,
    WhitelistEntry,
    WhitelistEvent,
    WhitelistResult,
    WhitelistState,
)

__all__ = [
    "Bank",
    "BankCall",
    "BankClient",
    "BankOfficer",
    "BankScope",
    "BankToken",
    "Branch",
    "ClaimState",
    "CreditProduct",
    "Drawdown",
    "EntryOutcome",
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
    "Score",
    "ScoreBin",
    "ScoreCharacteristic",
    "ScoreComparison",
    "ScoreEditor",
    "ScoreModel",
    "ScoreRun",
    "ScoreSheet",
    "ScoreVersion",
    "ScoreVersionEvent",
    "Whitelist",
    "WhitelistEntry",
    "WhitelistEvent",
    "WhitelistResult",
    "WhitelistState",
]
