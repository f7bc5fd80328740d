"""eckart.PCA, eckart.TruncatedSVD and eckart.IncrementalPCA: estimators as scikit-learn knows them, with it and without it."""

from ._incremental_pca import IncrementalPCA
from ._pca import PCA
from ._truncated_svd import TruncatedSVD

__all__ = ["PCA", "IncrementalPCA", "TruncatedSVD"]
