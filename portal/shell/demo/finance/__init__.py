"""Half a year of loans of the demo county: 182 firms lent 105 million yuan, 84 of 100 for the first time.

`bankers` gives the example banks their people, `stories` draws who asks for what and how far it comes, and a
`teller` takes all of them along together, day by day, by the services of `finance`, each step at its moment,
time alone doing the rest. `pools` takes a share of them into the two model pools and lets a few go bad;
`recommending` brings a whitelist to three banks.
"""
