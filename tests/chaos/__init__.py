"""Chaos: real processes are killed, servers stopped, messages doubled, and every payment is paid once.

    python -m tests.chaos --seed 20261122 --payments 3000

The seed is printed; the same seed draws the same faults. When it ends with 0, every payment was paid exactly
once or stands visibly open, and the books hold to the fen.
"""
