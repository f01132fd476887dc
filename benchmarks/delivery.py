"""Delivery's figures: what a message costs, whether the rate is kept, what else is kept waiting.

    pip install '.[benchmarks]'
    python benchmarks/delivery.py [--json FILE] [--only sending] [--quick 0.1]

Everything is measured in one run on this machine: loopback servers on the last core, what is
measured on the first one. Each `figures_*.py` beside this file yields names and values by its
`figures(quick)`, and says in `AIMS` what they should be.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

HERE = Path(__file__).parent


def rooms() -> list[str]:
    """What there are figures of: `sending`, `replies` and so on."""
    return sorted(path.stem.removeprefix("figures_") for path in HERE.glob("figures_*.py"))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument("--only", action="append", choices=rooms(), help="some of the figures")
    parser.add_argument("--quick", type=float, default=1.0, help="the share that is measured")
    options = parser.parse_args()
    found: dict[str, float] = {}
    for room in options.only or rooms():
        module = importlib.import_module(f"benchmarks.figures_{room}")
        for name, value in module.figures(options.quick):
            found[name] = round(value, 4)
            print(f"{name:40} {value:>12,.3f}  {module.AIMS.get(name, '')}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
