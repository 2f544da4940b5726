"""Inclusive finance as data: banks, their products, and what is built on them."""

from finance.models.bank import Bank, BankOfficer, Branch
from finance.models.product import CreditProduct, ProductVersion, ProductVersionEditor, ProductVersionEvent

__all__ = [
    "Bank",
    "BankOfficer",
    "Branch",
    "CreditProduct",
    "ProductVersion",
    "ProductVersionEditor",
    "ProductVersionEvent",
]
