"""Every guard is taken away in turn, and each time a test must turn red.

    python -m tests.guards

A guard is what refuses: a constraint, a trigger, a privilege that is not given, a lock, a check in a service.
They are read from the database (`database`) and from the text of the services (`code`), so that a new one
without a test that would miss it fails. `proofs` names that test. A guard of the database is dropped by the
owner of the tables and put back after the test; a function of the code is compiled anew without it.

In CI the same happens as tests of this folder; there the tests with all guards in place run where they stand,
here the command runs them too, first. Whoever is killed on the way leaves a test database without a guard,
which the next run finds missing: `--create-db` makes it anew.
"""
