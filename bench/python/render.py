#!/usr/bin/env python3
"""render.py FOLDER PAGE: puts what race.py left in FOLDER between the two marks of the page, as one table."""

import json
import pathlib
import sys

BEGIN, END = "<!-- begin of the measured part -->\n", "<!-- end of the measured part -->\n"
PEERS = ("NumPy", "SciPy", "scikit-learn", "PyTorch")
TITLES = {"small": "one small matrix", "stacks": "stacks, the time of one matrix", "square": "square", "types": "other types",
          "tall": "tall and wide", "solvers": "what follows from a decomposition", "leading": "leading triplets",
          "pca": "principal components"}


def time_of(seconds):
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def errors_of(results):
    """The worst of the runs with one thread and with all, figure by figure."""
    worst = [max(figures) for figures in zip(*(errors for _, errors in results))]
    return ", ".join("0" if e == 0 else f"{e:.2g}" if 0.01 <= e < 100 else f"{e:.0e}" for e in worst)


def told(ratio):
    return f"**{ratio:.2f}**" if round(ratio, 2) < 1 else f"{ratio:.2f}"


def row(label, runs):
    """`runs`: the same case with one thread and with all."""
    ours = [run["results"]["eckart"] for run in runs]
    cells = [f"{' / '.join(time_of(seconds / run['count']) for (seconds, _), run in zip(ours, runs))} ({errors_of(ours)})"]
    for peer in PEERS:
        theirs = [run["results"].get(peer) for run in runs]
        if None in theirs:
            cells.append("")
            continue
        ratios = " / ".join(told(other[0] / own[0]) for other, own in zip(theirs, ours))
        errors = errors_of(theirs)
        cells.append(ratios + (f" ({errors})" if errors else ""))
    return f"| {label} | {' | '.join(cells)} |"


def table(folder):
    lines = [f"| | Eckart: time (errors) | {' | '.join(PEERS)} |", "|---|---|---|---|---|---|"]
    for name, title in TITLES.items():
        runs = [json.loads(path.read_text()) for path in sorted(folder.glob(f"{name}-*.json"))]
        if runs:
            lines.append(f"| **{title}** | | | | | |")
            lines += [row(cases[0]["label"], cases) for cases in zip(*runs)]
    return "\n".join(lines)


def main():
    folder, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    about = json.loads((folder / "about.json").read_text())
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    page.write_text(f"{before}{BEGIN}\n{versions}; {about['processor']}, one thread / {about['threads']} threads.\n\n{table(folder)}\n\n"
                    f"Import of eckart after NumPy: {about['import']:.0f} ms, of eckart.linalg too: {about['import linalg']:.0f} ms.\n\n{END}{after}")


if __name__ == "__main__":
    main()
