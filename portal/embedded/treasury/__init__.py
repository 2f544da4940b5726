"""A treasury for demo and tests: a process of its own that knows folders and docs/treasury.md, nothing else.

    python -m portal.embedded.treasury --instructions DIR --returns DIR --mode lie --seed 7

What it has paid it keeps in an SQLite file, so that it pays once however often it is asked and killed. It
shares no code with the portal: both are built from the document, and the tests let each read the other.
"""
