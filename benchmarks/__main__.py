"""`python -m benchmarks NAME [--peers] [--json]`: figures for people, and one JSON object as the last line."""

import argparse
import importlib
import sys

NAMES = (
    *("ledger", "intake", "latency", "alerts", "preview", "email", "triggers", "interviews", "readback"),
    *("careers", "feeds", "lists", "recommendations"),
)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("name", choices=NAMES)
    made.add_argument("--peers", action="store_true", help="measure live peers in the same run")
    made.add_argument("--json", action="store_true", help="only the JSON object")
    made.add_argument("--runs", type=int, default=20_000, help="runs per repetition (default 20,000)")
    made.add_argument("--repetitions", type=int, default=3, help="medians are taken of so many (default 3)")
    made.add_argument(
        "--finished", type=int, default=200_000, help="finished runs beside which growth is measured; 0: not at all"
    )
    made.add_argument("--alerts", type=int, default=10_000, help="alerts of the largest run (default 10,000)")
    made.add_argument(
        "--offers", type=int, default=100_000, help="preview, careers, feeds: open offers (default 100,000)"
    )
    made.add_argument("--rows", type=int, default=1_000_000, help="lists: rows of each large table (default 1,000,000)")
    made.add_argument("--jobs", type=int, default=1_000, help="new offers that alerts are matched with (default 1,000)")
    made.add_argument("--candidates", type=int, default=100_000, help="recommendations: candidates (default 100,000)")
    made.add_argument("--against", type=int, default=5_000, help="recommendations: open offers (default 5,000)")
    return made


def main() -> None:
    options = parser().parse_args()
    try:
        benchmark = importlib.import_module(f"benchmarks.{options.name}")
    except ModuleNotFoundError as error:
        if error.name != f"benchmarks.{options.name}":
            raise
        sys.exit(f"There is no benchmark of this name yet: {options.name}.")
    benchmark.run(options).show(table=not options.json)


if __name__ == "__main__":
    main()
