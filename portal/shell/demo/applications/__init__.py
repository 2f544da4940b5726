"""Five hundred applications of the demo county, in every state, over the items it really publishes.

`claimants` finds who may claim what and what each would answer; `offices` who reviews and decides; `routes`
draws how far each application has come and when each step was; `papers` makes small documents to bring,
`words.yaml` holds what people write. A `walk` then takes each along its route by the services of `policies`,
step by step, each at its own moment. `showcase` tells those of the two firms that the demo signs in for,
`history` the whole.
"""
