"""Everything of appeals that is kept as data; each room has a module."""

from appeals.admin import clocks, routing, teams

__all__ = ["clocks", "routing", "teams"]
