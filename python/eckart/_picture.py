"""A decomposition as a picture: two charts, the singular values on a logarithmic scale and the energy that they gather."""

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


def _scree(values: np.ndarray) -> str:
    positive = np.flatnonzero(values > 0)
    shown = positive[_thinned(positive.size)]
    logs = np.log10(values[shown])
    low, high = math.floor(logs.min()), max(math.ceil(logs.max()), math.floor(logs.min()) + 1)
    step = max(1, math.ceil((high - low) / 5))
    return _chart("singular values", shown + 1.0, logs, low, high, [(float(e), f"1e{e}") for e in range(low, high + 1, step)])


def _gathered(energy: np.ndarray) -> str:
    shown = _thinned(energy.size)
    ticks = [(share, f"{share:.0%}") for share in (0.0, 0.5, 1.0)]
    return _chart("energy gathered", shown + 1.0, energy[shown], 0.0, 1.0, ticks)


def page(d: Any) -> str:
    """SVD._repr_html_: the shapes, the path and the two charts as one inline SVG without scripts."""
    shapes = f"U {tuple(d.U.shape)}, S {tuple(d.S.shape)}, Vh {tuple(d.Vh.shape)}, {d.U.dtype}"
    words = html.escape(shapes if d._told is None else f"{shapes}; {d.report.path}")
    if np.ndim(d.values) != 1 or not np.any(np.asarray(d.values) > 0):
        return f"<div>SVD: {words}</div>"
    values, energy = _curves(d)
    return (f'<div>SVD: {words}<br><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH:g} {_HEIGHT:g}" '
            f'width="{2 * _WIDTH:g}" role="img" font-family="sans-serif" font-size="10" fill="currentColor"><g>{_scree(values)}</g>'
            f'<g transform="translate({_WIDTH:g})">{_gathered(energy)}</g></svg></div>')
