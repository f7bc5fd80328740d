#!/usr/bin/env bash
# Builds the Python wheel as pip does for everybody, into FOLDER, and tries it in a virtual environment with nothing else in it.
#
#   wheel.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$1"
export PIP_DISABLE_PIP_VERSION_CHECK=1
build/venv/bin/pip wheel --quiet --no-deps --wheel-dir "$folder" .
wheel=$(ls -t "$folder"/eckart-*.whl | head -n 1)

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet "$wheel"
cd "$environment"
bin/python - << 'END'
import importlib.metadata

import eckart
import numpy as np

a = np.vander(np.linspace(0, 1, 50), 8)
u, s, vh = eckart.svd(a)
assert np.abs(u * s @ vh - a).max() < 1e-13
assert eckart.linalg.matrix_rank(a) == 8
assert eckart.info()["library"].startswith(eckart.__path__[0])

# Files are read by the engine, and the licences of all that is inside come along.
np.save("a.npy", a)
assert eckart.svds("a.npy", k=2, max_memory=20000).report.operator.startswith("file a.npy")
texts = {file.name for file in importlib.metadata.files("eckart") if "dist-info/licenses" in str(file)}
assert texts >= {"LICENSE", "openblas.txt", "nanobind.txt", "robin-map.txt", "kissfft.txt", "eigen.txt"}, texts
assert {"py.typed", "_engine.pyi"} <= {file.name for file in importlib.metadata.files("eckart")}
END
echo "$wheel: $(du -h "$OLDPWD/$wheel" | cut -f 1), works with NumPy alone"
