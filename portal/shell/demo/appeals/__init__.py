"""A year of appeals for the demo county, as if it had been lived: 2,000 appeals in every state.

`texts` and `phrases.yaml` are what people write; `county` who they are; `teller` tells a story step by step,
`today` those that lie on the desks now, `year` when what is filed. `case` and `book` write down in memory
what the services of `appeals` would have written at those moments, `writing` puts it into the database. That
they agree is shown by a test that tells the same stories to the services.
"""
