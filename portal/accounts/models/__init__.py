"""Users, departments with their sections and officers, and who does what where."""

from portal.accounts.models.officers import Absence, Officer, Section
from portal.accounts.models.people import Department, PortalUserManager, Posting, User

__all__ = ["Absence", "Department", "Officer", "PortalUserManager", "Posting", "Section", "User"]
