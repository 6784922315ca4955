"""Tables on the terminal, the same figures as JSON, and the bars that they are held against."""

import json
import os
import pathlib
import platform
import time

RESULTS = pathlib.Path(__file__).resolve().parent.parent / "results"


class Report:
    def __init__(self, name):
        self.name = name
        self.tables = []
        self.bars = []

    @property
    def missed(self):
        return [bar["bar"] for bar in self.bars if not bar["reached"]]

    def table(self, title, columns, rows):
        """Prints rows (lists as long as `columns`) under a title and keeps them for the JSON."""
        self.tables.append({"title": title, "rows": [dict(zip(columns, row)) for row in rows]})
        texts = [columns] + [[text(cell) for cell in row] for row in rows]
        widths = [max(len(row[place]) for row in texts) for place in range(len(columns))]
        print(f"\n{title}\n")
        for row in texts:
            cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            print("  " + "  ".join(cells))

    def bar(self, what, value, limit, unit, at_least=False):
        """Holds `value` against a limit, at most unless `at_least`."""
        reached = value >= limit if at_least else value <= limit
        words = f"{what}: {text(value)} {unit}, {'at least' if at_least else 'at most'} {text(limit)}"
        self.bars.append({"bar": words, "value": value, "limit": limit, "reached": reached})
        print(f"  {'pass' if reached else 'FAIL'}  {words}")

    def write(self):
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps({
            "benchmark": self.name,
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": {"cores": len(os.sched_getaffinity(0)), "kernel": platform.release()},
            "tables": self.tables,
            "bars": self.bars,
        }, indent=2) + "\n")
        print(f"\n  {path.relative_to(RESULTS.parent.parent)}")


def text(cell):
    if isinstance(cell, float):
        return f"{cell:,.2f}" if cell < 10 else f"{cell:,.1f}" if cell < 1000 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
