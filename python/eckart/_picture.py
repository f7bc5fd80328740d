"""A decomposition as a picture: two charts, the singular values on a logarithmic scale and the energy that they gather."""

import dataclasses
import html
import math
from typing import Any

import numpy as np

from . import _engine
from ._errors import ArgumentError

_WIDTH, _HEIGHT, _MARGIN = 300.0, 180.0, 34.0


def _curves(d: Any) -> "tuple[np.ndarray, np.ndarray]":
    values = np.ascontiguousarray(d.values, np.float64)
    if values.ndim != 1:
        raise ArgumentError("a picture is made of one decomposition, not of a stack")
    return values, np.asarray(_engine.energy(values, d.U.shape[-2], d.Vh.shape[-1]))


def plot(d: Any, ax: Any = None) -> Any:
    """SVD.plot."""
    values, energy = _curves(d)
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.figure().add_subplot()
    index = np.arange(1, values.size + 1)
    (line,) = ax.semilogy(index, np.where(values > 0, values, np.nan), ".-", label="singular values")
    ax.set_xlabel("index")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_ylabel("singular value", color=line.get_color())  # each scale in the colour of its line
    share = ax.twinx()
    (gathered,) = share.plot(index, energy, color="tab:orange", label="energy gathered")
    share.set_ylim(0, 1.02)
    share.set_ylabel("share of the sum of squares", color=gathered.get_color())
    kept = d.S.shape[-1]
    if kept < values.size:
        ax.axvline(kept + 0.5, color="gray", linestyle=":", label=f"k = {kept}")
        ax.legend()
    return ax


def _thinned(count: int) -> np.ndarray:
    """At most 200 indices, the first ones all: a picture does not grow with the matrix."""
    return np.unique(np.geomspace(1, count, 200).round().astype(int)) - 1 if count > 200 else np.arange(count)


def _chart(title: str, x: np.ndarray, y: np.ndarray, low: float, high: float, ticks: "list[tuple[float, str]]") -> str:
    """One <g>: a polyline over a frame, y from low to high, labelled ticks."""
    span = max(high - low, 1e-300)
    right = max(float(x[-1]), 2.0) - 1
    place_x = _MARGIN + (x - 1) / right * (_WIDTH - 2 * _MARGIN)
    place_y = _HEIGHT - _MARGIN - (y - low) / span * (_HEIGHT - 2 * _MARGIN)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(place_x, place_y))
    lines = []
    for at, label in ticks:
        h = _HEIGHT - _MARGIN - (at - low) / span * (_HEIGHT - 2 * _MARGIN)
        lines.append(f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{h:.1f}" y2="{h:.1f}" stroke="currentColor" '
                     f'stroke-opacity=".2"/><text x="{_MARGIN - 4}" y="{h + 3:.1f}" text-anchor="end">{label}</text>')
    dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2"/>' for a, b in zip(place_x, place_y)) if x.size <= 50 else ""
    return (f'<title>{title}</title><text x="{_WIDTH / 2}" y="16" text-anchor="middle">{title}</text>{"".join(lines)}'
            f'<polyline points="{points}" fill="none" stroke="#2b7bba" stroke-width="1.5"/><g fill="#2b7bba">{dots}</g>'
            f'<text x="{_MARGIN}" y="{_HEIGHT - 14}">1</text>'
            f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 14}" text-anchor="end">{int(x[-1])}</text>')


def _logarithmic(title: str, values: np.ndarray) -> str:
    positive = np.flatnonzero(values > 0)
    shown = positive[_thinned(positive.size)]
    logs = np.log10(values[shown])
    low, high = math.floor(logs.min()), max(math.ceil(logs.max()), math.floor(logs.min()) + 1)
    step = max(1, math.ceil((high - low) / 5))
    return _chart(title, shown + 1.0, logs, low, high, [(float(e), f"1e{e}") for e in range(low, high + 1, step)])


def _gathered(energy: np.ndarray) -> str:
    shown = _thinned(energy.size)
    ticks = [(share, f"{share:.0%}") for share in (0.0, 0.5, 1.0)]
    return _chart("energy gathered", shown + 1.0, energy[shown], 0.0, 1.0, ticks)


def _shapes(d: Any) -> str:
    return ", ".join(f"{name} {tuple(x.shape)}" for name, x in zip(("U", "S", "Vh"), d) if x is not None)


def _side_by_side(words: str, left: str, right: str) -> str:
    """One inline SVG without scripts, under a line of words."""
    return (f'<div>{words}<br><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH:g} {_HEIGHT:g}" '
            f'width="{2 * _WIDTH:g}" role="img" font-family="sans-serif" font-size="10" fill="currentColor"><g>{left}</g>'
            f'<g transform="translate({_WIDTH:g})">{right}</g></svg></div>')


def page(d: Any) -> str:
    """SVD._repr_html_: the shapes, the path and the two charts."""
    words = "SVD: " + html.escape(f"{_shapes(d)}, {d.U.dtype}" + ("" if d._told is None else f"; {d.report.path}"))
    if np.ndim(d.values) != 1 or not np.any(np.asarray(d.values) > 0):
        return f"<div>{words}</div>"
    values, energy = _curves(d)
    return _side_by_side(words, _logarithmic("singular values", values), _gathered(energy))


def leading_page(d: Any) -> str:
    """LeadingSVD._repr_html_: the shapes, the method, the values and what each is off by at most."""
    r, s = d.report, np.asarray(d.S, np.float64)
    left_out = "" if r.left_out is None or not r.frobenius_norm else f"; left out {r.left_out / r.frobenius_norm:.3g} of the norm"
    words = "SVD: " + html.escape(f"{_shapes(d)} of a {r.rows} x {r.cols} matrix, {d.S.dtype}; {r.method}, {r.products} products"
                                  f"{left_out}{'' if r.converged else '; not converged: ' + r.shortfall}")
    residuals = np.asarray(r.residuals, np.float64)[:s.size]
    if not np.any(s > 0) or not np.any(residuals > 0):
        return f"<div>{words}</div>"
    return _side_by_side(words, _logarithmic("singular values", s), _logarithmic("residuals", residuals))


def _figure(x: Any) -> str:
    """A figure of a report as a table shows it."""
    if isinstance(x, float):
        return f"{x:.4g}"
    if isinstance(x, dict):
        return ", ".join(f"{name} {_figure(value)}" for name, value in x.items())
    if isinstance(x, np.ndarray):
        return f"{x.min():.2g} to {x.max():.2g}" if x.size else ""
    return str(x)


def table(report: Any) -> str:
    """_repr_html_ of a report: a row a figure, those of its audit too."""
    rows: "list[str]" = []

    def add(thing: Any, prefix: str) -> None:
        for name in (f.name for f in dataclasses.fields(thing)):
            value = getattr(thing, name)
            if dataclasses.is_dataclass(value):
                add(value, f"{name}: ")
            elif value is not None and not isinstance(value, tuple):
                rows.append(f'<tr><th style="text-align:left">{html.escape((prefix + name).replace("_", " "))}</th>'
                            f'<td style="text-align:left">{html.escape(_figure(value))}</td></tr>')
    add(report, "")
    return f"<table>{''.join(rows)}</table>"
