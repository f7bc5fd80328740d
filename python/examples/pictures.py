"""A photograph, a collection of texts and a table of measurements, each taken apart and drawn: a notebook as a script, cell by cell.

    python python/examples/pictures.py [FOLDER]          # writes image.png, text.png and table.png; needs matplotlib and scikit-learn

The photograph (china.jpg) and the table (1797 handwritten digits, 8 x 8 pixels each) come with scikit-learn: docs/data.md says whose they
are. The texts are this project's documents.
"""

# %% What is needed

import pathlib
import sys

import matplotlib

matplotlib.use("Agg")  # a notebook leaves this out
import numpy as np
from matplotlib import pyplot
from sklearn.datasets import load_digits, load_sample_image

import eckart
from text_and_table import paragraphs_by_words

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")


# %% 1. A photograph: 427 x 640 pixels of three colours, side by side, are one matrix of 427 x 1920

photograph = load_sample_image("china.jpg")
height, width, _ = photograph.shape
pixels = photograph.transpose(0, 2, 1).reshape(height, 3 * width)
whole = eckart.svd(pixels)

figure, axes = pyplot.subplots(2, 2, figsize=(10, 7.4), layout="constrained")
axes[0, 0].imshow(photograph)
axes[0, 0].set_title("the photograph")
for ax, share in ((axes[0, 1], 0.97), (axes[1, 0], 0.995)):
    d = eckart.svd(pixels, energy=share)
    k = len(d.S)
    error = np.linalg.norm(whole.S[k:]) / np.linalg.norm(whole.S)
    rounded = np.clip(d.reconstruct(), 0, 255).astype(np.uint8).reshape(height, 3, width).transpose(0, 2, 1)
    ax.imshow(rounded)
    ax.set_title(f"energy={share}: rank {k},\n{k * (height + 3 * width) / pixels.size:.0%} of the numbers, error {error:.1%}")
for ax in axes.flat[:3]:
    ax.set_axis_off()
whole.plot(axes[1, 1])
axes[1, 1].set_title("all 427 singular values")
figure.savefig(FOLDER / "image.png", dpi=100)
print(f"image: {pixels.shape}, {whole.report.path}")


# %% 2. Texts: paragraphs by words, tf-idf weights, 95 % of them zeros or more; the first directions are topics

weights, words = paragraphs_by_words(pathlib.Path(__file__).parents[2] / "docs")
top = eckart.svds(weights, k=30)

figure, axes = pyplot.subplots(1, 4, figsize=(12, 3.8), layout="constrained")
for i, ax in enumerate(axes[:3], start=1):
    leading = np.argsort(-np.abs(top.Vh[i]))[:12][::-1]
    ax.barh(words[leading], top.Vh[i, leading], color=np.where(top.Vh[i, leading] > 0, "tab:blue", "tab:red"))
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_title(f"direction {i + 1}, value {top.S[i]:.2f}")
top.plot(axes[3])
axes[3].set_title("the 30 largest values")
figure.suptitle(f"{weights.shape[0]} paragraphs by {weights.shape[1]} words, {weights.nnz / np.prod(weights.shape):.1%} of the entries are not zero")
figure.savefig(FOLDER / "text.png", dpi=100)
print(f"text: {weights.shape}, {top.report.method}, {top.report.products} products")


# %% 3. A table: 1797 digits, 64 counts of ink each; its principal components are pictures again

digits = load_digits()
pca = eckart.PCA().fit(digits.data)
scores = pca.transform(digits.data)

figure = pyplot.figure(figsize=(12, 5), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.15))
for i, ax in enumerate(left.subplots(3, 4).flat):
    reach = np.abs(pca.components_[i]).max()
    ax.imshow(pca.components_[i].reshape(8, 8), cmap="RdBu", vmin=-reach, vmax=reach)
    ax.set_title(f"{i + 1}: {pca.explained_variance_ratio_[i]:.1%}", fontsize=9)
    ax.set_axis_off()
left.suptitle("components, and their share of the variance")
ax = right.subplots()
for digit in range(10):
    ax.scatter(*scores[digits.target == digit, :2].T, s=8, color=pyplot.cm.tab10(digit), alpha=0.35, linewidths=0)
for digit in range(10):
    ax.text(*scores[digits.target == digit, :2].mean(axis=0), str(digit), fontsize=16, weight="bold", color=pyplot.cm.tab10(digit), ha="center",
            va="center", bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1})
ax.set_xlabel("component 1")
ax.set_ylabel("component 2")
ax.set_aspect("equal")
right.suptitle("the digits along the first two")
figure.savefig(FOLDER / "table.png", dpi=100)
print(f"table: {digits.data.shape}, by the {pca.solver_} way: {pca.reason_}; the last value has {pca.digits_[-1]:.1f} digits")
