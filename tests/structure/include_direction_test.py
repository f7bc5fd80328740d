#!/usr/bin/env python3
"""Breaks a small house on purpose: include_direction.py must see each way of breaking it."""

import pathlib
import tempfile
import unittest

import include_direction

TABLE = """
| floor | folder | what lives there | may use |
|---|---|---|---|
| 3 | `cli/` | the tool | all below |
| 2 | `src/dense/` | decompositions | blas |
| 2 | `src/io/` | files | core |
| 1 | `src/blas/` | products | core |
| 0 | `include/eckart/`, `src/core/` | matrices | nothing |
"""
FILES = {
    "docs/architecture.md": TABLE,
    "include/eckart/matrix.hpp": "#include <vector>\n",
    "include/eckart/svd.hpp": "#include <eckart/matrix.hpp>\n",
    "include/eckart/io.hpp": "#include <eckart/matrix.hpp>\n",
    "src/core/matrix.cpp": "#include <eckart/matrix.hpp>\n",
    "src/blas/gemm.hpp": "#include <eckart/matrix.hpp>\n",
    "src/blas/gemm.cpp": '#include "blas/gemm.hpp"\n#include <eckart_blas_config.h>\n',
    "src/dense/svd.cpp": '#include <eckart/svd.hpp>\n#include "blas/gemm.hpp"\n',
    "src/io/npy.cpp": "#include <eckart/io.hpp>\n",
    "cli/main.cpp": "#include <eckart/svd.hpp>\n#include <eckart/io.hpp>\n",
}


class IncludeDirection(unittest.TestCase):
    def errors(self, changed: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in (FILES | changed).items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            house = include_direction.House(root)
            for path in sorted(p for p in root.rglob("*") if p.suffix in {".hpp", ".cpp"}):
                house.check(path)
            return house.errors

    def assert_broken(self, what: str, changed: dict[str, str]) -> None:
        errors = self.errors(changed)
        self.assertEqual(len(errors), 1, errors)
        self.assertIn(what, errors[0])

    def test_a_sound_house_passes(self):
        self.assertEqual(self.errors({}), [])

    def test_sees_an_internal_header_of_a_higher_floor(self):
        self.assert_broken("src/blas/gemm.cpp:1", {"src/blas/gemm.cpp": '#include "dense/x.hpp"\n', "src/dense/x.hpp": ""})

    def test_sees_a_public_header_of_a_higher_floor(self):
        self.assert_broken("src/core/matrix.cpp:1", {"src/core/matrix.cpp": "#include <eckart/svd.hpp>\n"})

    def test_sees_a_public_header_that_includes_upwards(self):
        self.assert_broken("include/eckart/matrix.hpp:1", {"include/eckart/matrix.hpp": "#include <eckart/svd.hpp>\n"})

    def test_sees_a_neighbour_that_is_not_listed(self):
        self.assert_broken("src/dense/svd.cpp:1", {"src/dense/svd.cpp": "#include <eckart/io.hpp>\n"})

    def test_sees_blas_names_outside_their_room(self):
        self.assert_broken("only the BLAS room", {"src/dense/svd.cpp": "#include <eckart_blas_config.h>\n"})

    def test_sees_a_room_that_the_table_lacks(self):
        self.assert_broken("lacks the room cuda", {"src/cuda/gemm.cpp": ""})

    def test_sees_a_table_that_looks_upwards(self):
        table = TABLE.replace("| products | core |", "| products | dense |")
        self.assert_broken("not below", {"docs/architecture.md": table})


if __name__ == "__main__":
    unittest.main()
