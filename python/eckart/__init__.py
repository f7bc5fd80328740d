"""Eckart: singular value decompositions that are checked before they are returned."""

from ._errors import *
from ._svd import svd

__version__ = "0.1.0"
