"""Consents: an enterprise lets a bank or a provider know some of its facts, for a purpose, for a time.

`granting` gives and ends them, `reading` is the one door to facts for whoever was given one, `hooks` lets the
apps above say whom of a grantee to tell, `forms` is the part of a form in which an enterprise agrees.
"""
