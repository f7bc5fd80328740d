#!/usr/bin/env python3
"""Render the JSON of eckart_bench as docs/benchmarks.md: render.py BENCHMARK.json PAGE.md

What stands between the markers in the page is replaced; the words around it are written by hand and stay.
"""

import json
import pathlib
import sys

BEGIN, END = "<!-- begin of the measured part -->", "<!-- end of the measured part -->"


def seconds(value: float) -> str:
    if value < 1e-3:
        return f"{1e6 * value:.0f} µs" if value >= 1e-5 else f"{1e6 * value:.1f} µs"
    return f"{1e3 * value:.3g} ms" if value < 1 else f"{value:.3g} s"


def machine_lines(machine: dict) -> list[str]:
    rates = ", ".join(f"{rate['gflops']:.0f} (k = {rate['k']})" for rate in machine["gemm"])
    size = machine["gemm"][0]["n"]
    return [
        f"- {machine['processor']}, {machine['threads']} cores; {machine['simd']}; peak of one core, measured: "
        f"{machine['peak_gflops']:.0f} Gflop/s; memory, one core: {machine['bandwidth_gbytes']:.1f} GB/s (triad).",
        f"- Eckart's BLAS: {machine['blas']}.",
        f"- Its GEMM, {size} x k times k x {size}, one thread, Gflop/s: {rates}.",
        f"- Peers loaded at run time: {', '.join(machine.get('peers', [])) or 'none'}.",
    ]


def class_lines(problem_class: dict) -> list[str]:
    """A table: a row a problem, a column a contestant: time, units, time relative to Eckart's, worst error."""
    problems = problem_class["problems"] or []
    names: list[str] = []
    for problem in problems:
        names += [c["name"] for c in problem["contestants"] if c["name"] not in names]
    lines = [f"### {problem_class['name']}", "", "| problem | unit | " + " | ".join(names) + " |",
             "|---|---|" + "---|" * len(names)]
    for problem in problems:
        by_name = {c["name"]: c for c in problem["contestants"]}
        own = by_name["Eckart"]["seconds"]
        cells = []
        for name in names:
            entry = by_name.get(name)
            if entry is None:
                cells.append("")
                continue
            errors = (f"{max(entry['residual'], entry['orthogonality']):.2f}" if problem["vectors"]
                      else f"{entry['values']:.2f}")
            ratio = "" if name == "Eckart" else f", x{entry['seconds'] / own:.2f}"
            cells.append(f"{seconds(entry['seconds'])}, **{entry['units']:.1f}**{ratio}, e {errors}")
        unit = f"{problem['unit']['what']} {seconds(problem['unit']['seconds'])}"
        lines.append(f"| {problem['m']} x {problem['n']} | {unit} | " + " | ".join(cells) + " |")
    return lines + [""]


def main(source: str, page: str) -> int:
    report = json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    measured = ["", "## The machine", "", *machine_lines(report["machine"]), "", "## Results", ""]
    for problem_class in report["classes"]:
        measured += class_lines(problem_class)
    target = pathlib.Path(page)
    text = target.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    target.write_text(before + BEGIN + "\n".join(measured) + END + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
