"""A year of appeals for the demo county, as if it had been lived: 2,000 appeals in every state.

`texts` and `phrases.yaml` are what people write; `county` who they are. A `teller` is the voice of one story:
`living` tells it as most go, with `screening` at the desk, `working` at a department and `serving` at a firm;
`today` tells those that lie on the desks now. `year` plans which are filed when.

`case` and `book` write down in memory what the services of `appeals` would have written at those moments:
`docket` what several steps share, `following` shared problems, `higher` what dissatisfaction sets off.
`writing` puts it into the database. That both agree is shown by a test that tells the same stories to the
services.
"""
