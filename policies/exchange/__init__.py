"""Policies as files: `docs/policy-format.md` in code.

`reading` makes plain data of a file, `canonical` gives data one shape, `importing` writes it, `exporting`
reads it back. What `exporting` writes, `importing` takes as no change.
"""
