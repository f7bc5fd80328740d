"""Two real data sets taken apart: the words of a folder of texts, and a table of measurements.

    PYTHONPATH=build/release/python build/venv/bin/python python/examples/text_and_table.py [FOLDER of .md or .txt files]

1. Paragraphs by words, a sparse matrix of tf-idf weights: latent semantic analysis. By default the texts are this project's documents.
2. scikit-learn's wine data, 178 wines by 13 measurements: principal components, and how many digits each has.
"""

import collections
import math
import pathlib
import re
import sys

import numpy as np
import scipy.sparse

import eckart
from eckart import operators


def paragraphs_by_words(folder, least=5):
    """(tf-idf weights as a sparse array with rows of length 1, words)."""
    texts = [part for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in (".md", ".txt")
             for part in re.split(r"\n\s*\n", path.read_text(errors="replace"))]
    counts = [collections.Counter(re.findall(r"[a-z]{4,}", text.lower())) for text in texts]
    counts = [c for c in counts if sum(c.values()) >= 10]
    in_texts = collections.Counter(word for c in counts for word in c)
    words = sorted(w for w, n in in_texts.items() if least <= n < len(counts) / 4)
    place = {w: j for j, w in enumerate(words)}
    entries = [(i, place[w], (1 + math.log(n)) * math.log(len(counts) / in_texts[w])) for i, c in enumerate(counts) for w, n in c.items() if w in place]
    row, col, value = (np.array(x) for x in zip(*entries))
    a = scipy.sparse.csr_array((value, (row, col)), shape=(len(counts), len(words)))
    lengths = np.sqrt(a.multiply(a).sum(axis=1))
    return scipy.sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ a, np.array(words)


def topics(folder):
    a, words = paragraphs_by_words(folder)
    lsa = eckart.TruncatedSVD(5, algorithm="arpack").fit(a)
    print(f"{a.shape[0]} paragraphs, {a.shape[1]} words, {a.nnz} entries, {a.nnz / np.prod(a.shape):.1%} of the matrix")
    for s, share, component in zip(lsa.singular_values_, lsa.explained_variance_ratio_, lsa.components_):
        leading = words[np.argsort(-np.abs(component))[:7]]
        print(f"  value {s:6.3f}, {share:5.2%} of the variance: {' '.join(leading)}")
    print(f"  the next value is {lsa.report_.next_value:.3f} or more; {lsa.report_.products} products with a vector")
    for share in (0.25, 0.5):
        d = eckart.truncated_svd(operators.centred(a), energy=share)
        print(f"  {len(d.S)} components have {share:.0%} of the variance ({d.report.method})")


def table():
    from sklearn.datasets import load_wine

    wine = load_wine()
    pca = eckart.PCA().fit(wine.data)
    print(f"{wine.data.shape[0]} wines, {wine.data.shape[1]} measurements, by the {pca.solver_} way: {pca.reason_}")
    for i in (0, 1, 2, 12):
        most = wine.feature_names[np.argmax(np.abs(pca.components_[i]))]
        print(f"  component {i:2}: standard deviation {np.sqrt(pca.explained_variance_[i]):9.4f}, {pca.digits_[i]:4.1f} digits, mostly {most}")
    scaled = (wine.data - wine.data.mean(axis=0)) / wine.data.std(axis=0)
    scores = eckart.PCA(2).fit_transform(scaled)
    centres = np.array([scores[wine.target == c].mean(axis=0) for c in range(3)])
    nearest = np.argmin(np.linalg.norm(scores[:, None] - centres, axis=2), axis=1)
    print(f"  in two components of the scaled table, {np.mean(nearest == wine.target):.1%} of the wines are nearest to the centre of their kind")


if __name__ == "__main__":
    topics(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "docs")
    table()
