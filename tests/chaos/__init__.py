"""Chaos: real processes are killed, servers stopped, messages doubled, and every award is paid once.

    python -m tests.chaos --seed 20261122 --payments 3000

The seed is printed; the same seed draws the same faults. Each batch goes to a treasury of another mode and is
released by processes that die at each of their commits, or by rivals while PostgreSQL is stopped; so die the
sweepers of the first one. What comes back is paid anew to new accounts. When it ends with 0, every award was
paid exactly once, and the books hold to the fen. The tables of a run are kept in `var/chaos` for the next.
"""
