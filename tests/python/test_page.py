"""docs/python.md: what its table says one may write runs."""

import pathlib
import re

import numpy as np
import pytest

import eckart

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


def rows():
    """The code in the cells "you may write" of the table that puts calls beside their twins; of "the same" that of the cell before."""
    table = PAGE.read_text(encoding="utf-8").split("| you write |", 1)[1].split("\n## ", 1)[0]
    for line in table.splitlines()[2:]:
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) > 3:
            found = re.findall(r"`(eckart\.[^`]+)`", cells[2])
            if cells[2].strip().startswith("the same"):
                found = [re.sub(r"^(np\.linalg|scipy\.linalg|scipy\.sparse\.linalg)\.", "", code) for code in re.findall(r"`([^`]+)`", cells[1])]
            yield from (code for code in found if code != "eckart.linalg")
            assert found, line


@pytest.mark.parametrize("code", sorted(set(rows())))
def test_what_one_may_write(code):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    rng = np.random.default_rng(0)
    names = {"a": rng.standard_normal((12, 12)), "b": rng.standard_normal((12, 12)), "A": rng.standard_normal((60, 40)), "k": 5, "q": 5,
             "eps": 1e-3, "x": 2.0, "eckart": eckart, "operators": eckart.operators, "svds": eckart.svds,
             **{name: getattr(eckart.linalg, name) for name in ("cond", "norm", "null_space", "orth")}, "splu": linalg.splu}
    if "with_inverse" in code:
        names["A"] = pytest.importorskip("scipy.sparse").csc_array(names["a"])
    assert eval(code, names) is not None


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S), ids=["operators", "streams"])
def test_programs_run_as_they_stand(code):
    exec(code, {})
