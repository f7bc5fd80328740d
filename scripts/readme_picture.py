#!/usr/bin/env python3
"""Draw the picture of the README: the demonstration's photograph from a few of its singular values.

    readme_picture.py TOOL build/data/china.jpg docs/images/summer-palace.png

Each channel is decomposed by the tool; panels of rank 4, 16, 64 and full stand side by side at half size.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np

RANKS = (4, 16, 64, None)
GAP = 8  # white columns between two panels


def decompose(tool: str, photo: str, channel: str, folder: pathlib.Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    factors = folder / f"{channel}.npz"
    subprocess.run([tool, "svd", "-q", photo, "--channel", channel, "-o", str(factors)], check=True)
    with np.load(factors) as arrays:
        return arrays["U"], arrays["S"], arrays["Vh"]


def half_size(picture: np.ndarray) -> np.ndarray:
    rows, cols = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    return picture[:rows, :cols].reshape(rows // 2, 2, cols // 2, 2, -1).mean(axis=(1, 3))


def png(picture: np.ndarray) -> bytes:
    """8-bit RGB, each row as differences to the row above (filter 2)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, cols, _ = picture.shape
    lines = picture.reshape(rows, -1)
    above = np.vstack([np.zeros_like(lines[:1]), lines[:-1]])
    filtered = np.hstack([np.full((rows, 1), 2, np.uint8), lines - above])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(filtered.tobytes(), 9)) + chunk(b"IEND", b""))


def main(tool: str, photo: str, out: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        channels = [decompose(tool, photo, channel, pathlib.Path(folder)) for channel in ("red", "green", "blue")]
    panels = []
    for k in RANKS:
        panel = half_size(np.stack([(u[:, :k] * s[:k]) @ vh[:k] for u, s, vh in channels], axis=2))
        panels += [panel, np.full((panel.shape[0], GAP, 3), 255.0)]
    whole = np.concatenate(panels[:-1], axis=1)
    pathlib.Path(out).write_bytes(png(np.clip(np.rint(whole), 0, 255).astype(np.uint8)))


if __name__ == "__main__":
    main(*sys.argv[1:])
