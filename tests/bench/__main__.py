"""Runs the measurements and writes what they found to docs/benchmarks.md.

python -m tests.bench [--quick] [--only NAME ...]
"""

import argparse
import time
from importlib import import_module

from tests.bench import report
from tests.bench.report import say

PARTS = [
    "fanout",
    "writes",
    "memory",
    "latency",
    "click",
    "board",
    "hall",
    "weight",
    "startup",
    "histories",
    "tokens",
    "guesses",
    "mail",
    "money",
    "files",
    "lines",
]


def main() -> None:
    options = _options()
    found = []
    for name in options.only or PARTS:
        started = time.perf_counter()
        say(f"{name} …")
        section = import_module(f"tests.bench.{name}").measure(options.quick)
        say(section.text() + "\n")
        say(f"{name}: {time.perf_counter() - started:.0f} s\n")
        found.append(section)
        if not options.quick:
            report.write([section], PARTS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short; nothing is written")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help=f"some of: {', '.join(PARTS)}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
