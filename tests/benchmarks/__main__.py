"""``python -m tests.benchmarks [pytest arguments]``: all benchmarks, or those selected with ``-k``."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

if __name__ == "__main__":
    plain = ["-p", "no:xdist", "-p", "no:randomly", "-s", "-o", "python_files=bench_*.py"]
    sys.exit(pytest.main([*plain, str(HERE), *sys.argv[1:]]))
