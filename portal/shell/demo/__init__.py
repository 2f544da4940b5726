"""The demo county: ten thousand invented enterprises, the offices of the county, and people to sign in as.

`trades` and `names` say what the county is like, `population` draws it, `showcase` adds the firms worth
looking at, `people` the accounts, `loading` writes everything, `publication` puts the policies in force.
Nothing here reads the clock: the day of the demo is a parameter, everything else follows from it and a seed.
"""

import datetime as dt
from typing import Final

DEMO_TODAY: Final = dt.date(2026, 11, 22)
"""The day on which the demo plays, unless another is asked for."""

DEMO_SEED: Final = 500231
DEMO_SIZE: Final = 10_000
