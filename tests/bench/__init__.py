"""Measurements: `python -m tests.bench`. Ratios within one run; the results go to docs/benchmarks.md."""
