"""docs/python.md: what its table says one may write runs."""

import pathlib
import re

import numpy as np
import pytest

import eckart

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


def rows():
    """(the cell "you write", the code in the cell "you may write") of the table that puts calls beside their twins."""
    table = PAGE.read_text(encoding="utf-8").split("| you write |", 1)[1].split("\n## ", 1)[0]
    for line in table.splitlines()[2:]:
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) > 3:
            for code in re.findall(r"`(eckart\.[^`]+)`", cells[2]):
                yield code


@pytest.mark.parametrize("code", sorted(set(rows())))
def test_what_one_may_write(code):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    rng = np.random.default_rng(0)
    names = {"a": rng.standard_normal((12, 12)), "b": rng.standard_normal((12, 12)), "A": rng.standard_normal((60, 40)), "k": 5, "q": 5,
             "eps": 1e-3, "x": 2.0, "eckart": eckart, "operators": eckart.operators, "splu": linalg.splu}
    if "with_inverse" in code:
        names["A"] = pytest.importorskip("scipy.sparse").csc_array(names["a"])
    assert eval(code, names) is not None


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S), ids=["operators", "streams"])
def test_programs_run_as_they_stand(code):
    exec(code, {})
