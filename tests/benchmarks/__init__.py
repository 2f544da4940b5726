"""Benchmarks: ratios against a named peer, both measured in the same run. ``make bench`` runs them all.

Each is a pytest function in a ``bench_*.py`` and ends in :func:`tests.benchmarks.harness.record`.
"""
