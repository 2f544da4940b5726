"""Where officials keep what finance needs as data."""

from finance.admin import loans
from finance.admin.banks import BankAdmin, BankOfficerAdmin, BranchAdmin
from finance.admin.clients import BankClientAdmin
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
    "ProductVersionAdmin",
    "ScoreCharacteristicAdmin",
    "ScoreComparisonAdmin",
    "ScoreModelAdmin",
    "ScoreRunAdmin",
    "ScoreVersionAdmin",
    "loans",
]
