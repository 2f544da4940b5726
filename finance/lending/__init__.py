"""Loan applications from the form to the last payment: every change of them is made here.

`filing` asks, `grabbing` takes what is open to all, `deciding` is the bank's way to a contract, `booking`
its money, `lists` the same from Excel; `consenting` sees what the end of a consent means; `deadlines` and
`sweeping` see to it that nobody waits for ever.
Locks: the loan first, then its consent. Whoever changes several loans takes them in the order of their ids.
"""
