"""Where officials keep what finance needs as data."""

from finance.admin.banks import BankAdmin, BankOfficerAdmin, BranchAdmin
from finance.admin.products import CreditProductAdmin, ProductVersionAdmin

__all__ = ["BankAdmin", "BankOfficerAdmin", "BranchAdmin", "CreditProductAdmin", "ProductVersionAdmin"]
