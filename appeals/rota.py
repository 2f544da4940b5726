"""Who is there on which day: officers, their absences and those who stand in for them, for many at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from portal.accounts.models import Absence, Officer


class Rota:
    """Absences of officers, and of their substitutes, in a span of days; a query for each link."""

    def __init__(self, officers: Iterable[Officer | None], first: dt.date, last: dt.date) -> None:
        self._away: dict[int, list[Absence]] = defaultdict(list)
        known = {officer.pk for officer in officers if officer is not None}
        asked = known
        while asked:
            rows = Absence.objects.filter(
                officer__in=asked, days__overlap=(first, last + dt.timedelta(days=1))
            )
            found = list(rows.select_related("substitute"))
            for row in found:
                self._away[row.officer_id].append(row)
            asked = {row.substitute_id for row in found if row.substitute_id} - known
            known |= asked

    def present(self, officer: Officer | None, day: dt.date) -> Officer | None:
        """Who does the officer's work on the day, as `Officer.stand_in`; or nobody."""
        seen: set[int] = set()
        while officer is not None and officer.pk not in seen:
            seen.add(officer.pk)
            away = next((row for row in self._away[officer.pk] if day in row.days), None)
            if away is None:
                return officer if officer.left_on is None or officer.left_on > day else None
            officer = away.substitute
        return None
