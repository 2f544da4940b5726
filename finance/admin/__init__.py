"""Where officials keep what finance needs as data."""

from finance.admin.banks import BankAdmin, BankOfficerAdmin, BranchAdmin
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
    "BankOfficerAdmin",
    "BranchAdmin",
    "CreditProductAdmin",
    "ProductVersionAdmin",
    "ScoreCharacteristicAdmin",
    "ScoreComparisonAdmin",
    "ScoreModelAdmin",
    "ScoreRunAdmin",
    "ScoreVersionAdmin",
]
