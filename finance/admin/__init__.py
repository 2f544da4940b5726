"""Where officials keep what finance needs as data."""

from finance.admin.banks import BankAdmin, BankOfficerAdmin, BranchAdmin
from finance.admin.clients import BankClientAdmin
from finance.admin.loans import LoanApplicationAdmin
from finance.admin.pools import (
    PoolAdmissionAdmin,
    PoolClaimAdmin,
    PoolFuseAdmin,
    PoolInvariantAdmin,
    PoolRecoveryAdmin,
    PoolTransferAdmin,
    RiskPoolAdmin,
)
from finance.admin.products import CreditProductAdmin, ProductVersionAdmin
from finance.admin.scores import (
    ScoreCharacteristicAdmin,
    ScoreComparisonAdmin,
    ScoreModelAdmin,
    ScoreRunAdmin,
    ScoreVersionAdmin,
)

__all__ = [
    "BankAdmin",
    "BankClientAdmin",
    "BankOfficerAdmin",
    "BranchAdmin",
    "CreditProductAdmin",
    "LoanApplicationAdmin",
    "PoolAdmissionAdmin",
    "PoolClaimAdmin",
    "PoolFuseAdmin",
    "PoolInvariantAdmin",
    "PoolRecoveryAdmin",
    "PoolTransferAdmin",
    "ProductVersionAdmin",
    "RiskPoolAdmin",
    "ScoreCharacteristicAdmin",
    "ScoreComparisonAdmin",
    "ScoreModelAdmin",
    "ScoreRunAdmin",
    "ScoreVersionAdmin",
]
