"""Everything of appeals that is kept as data; each room has a module."""

from appeals.admin import teams

__all__ = ["teams"]
