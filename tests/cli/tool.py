"""Drives the tool: what the tests of this folder share."""

import os
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

import numpy as np

TOOL = os.path.abspath(os.environ["ECKART_TOOL"])

# How many times longer the tool may take than its users are promised: sanitizers slow it down.
PATIENCE = float(os.environ.get("ECKART_PATIENCE", "1"))

# The thread sanitizer holds a signal back until the interrupted call returns, and leaves no address space for vast files.
THREAD_SANITIZER = bool(os.environ.get("ECKART_THREAD_SANITIZER"))

# What the outside may say about colour, width, character set and locale is fixed, so that outputs are.
PLAIN = {
    "PATH": os.path.dirname(TOOL) + os.pathsep + os.environ.get("PATH", ""),
    "LC_ALL": "C.UTF-8",
    "HOME": os.environ.get("HOME", "/"),
    "COLUMNS": "100",
}


def png(pixels):
    """The bytes of a PNG of an array of uint8: (m, n) grey, (m, n, 3) colour, (m, n, 4) with alpha."""
    kind = 0 if pixels.ndim == 2 else {3: 2, 4: 6}[pixels.shape[2]]

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


class ToolTest(unittest.TestCase):
    """A test in a folder of its own, which is gone afterwards."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="eckart-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def save(self, name, content):
        """Writes an array (as .npy), text or bytes; returns the name."""
        if isinstance(content, np.ndarray):
            np.save(self.path(name), content)
        else:
            with open(self.path(name), "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def eckart(self, *words, code=0, stdin=b"", text=True, env=None):
        """Runs the tool, checks its exit code, returns (stdout, stderr)."""
        done = subprocess.run([TOOL, *map(str, words)], cwd=self.folder, input=stdin,
                              capture_output=True, env={**PLAIN, **(env or {})}, timeout=120)
        self.assertEqual(done.returncode, code,
                         f"eckart {' '.join(map(str, words))}\n{done.stderr.decode(errors='replace')}")
        if not text:
            return done.stdout, done.stderr
        return done.stdout.decode(), done.stderr.decode()

    def no_temporary_files(self):
        left = [name for name in os.listdir(self.folder) if name.endswith(".tmp")]
        self.assertEqual(left, [])
