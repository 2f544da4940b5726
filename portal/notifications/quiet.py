"""Quiet hours: pure arithmetic of local time."""

import datetime as dt


def quiet_until(now: dt.datetime, starts: dt.time, ends: dt.time) -> dt.datetime | None:
    """The end of the quiet hours that `now` (aware, local) lies in; None when it lies in none.

    The start belongs to the quiet hours, the end does not; they may go over midnight.
    """
    day, time = now.date(), now.time()
    if starts <= ends:
        return dt.datetime.combine(day, ends, now.tzinfo) if starts <= time < ends else None
    if time >= starts:
        return dt.datetime.combine(day + dt.timedelta(days=1), ends, now.tzinfo)
    return dt.datetime.combine(day, ends, now.tzinfo) if time < ends else None
