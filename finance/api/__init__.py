"""The API for banks (see `docs/api.md`): OAuth 2.0 client credentials, loans, records, facts under consent.

`clients` makes and ends what may call, `tokens` lets it in, `calls` counts and remembers calls, the rest are
the calls themselves; every change goes through `finance.lending`, every fact through a consent.
"""
