"""免申即享: the system screens, people confirm, the enterprise nods, and the money is on its way.

`runs` begins and works off a run: `selecting` asks the engine, `judging` freezes the evidence, `screening`
takes out who must not be in, `listing` writes the list down. `confirming`, `noticing` and `offering` are
steps of officials, `accepting` is the enterprise's; `rechecking` asks before each whether all is still true.
`schedule` begins runs by plan and sweeps what lies.
"""
