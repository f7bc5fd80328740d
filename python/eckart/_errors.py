"""The errors of Eckart.

Each is an :class:`EckartError` and also what NumPy or Python would raise in its place, so that code which catches
``numpy.linalg.LinAlgError``, ``ValueError`` or ``MemoryError`` goes on working. The message says what, where, and how to mend it.
"""

from numpy.linalg import LinAlgError

__all__ = ["EckartError", "ArgumentError", "NonFiniteError", "SizeLimitError", "OutOfMemoryError", "OutOfRangeError",
           "CancelledError", "FileError", "FormatError", "NumericalError"]


class EckartError(Exception):
    """What all errors of Eckart are."""


class ArgumentError(EckartError, LinAlgError):
    """The request makes no sense: a shape, an option, a rank. A ``LinAlgError`` and so a ``ValueError``."""


class NonFiniteError(EckartError, LinAlgError):
    """NaN or infinity in a matrix: the first one in column-major order stands at (`row`, `column`), counted from 0, of the matrix
    `matrix` of a stack (None for one matrix alone)."""

    row: int
    column: int
    matrix: "tuple[int, ...] | None" = None


class SizeLimitError(EckartError, ValueError):
    """A size fits neither the BLAS's integers nor the address space."""


class OutOfMemoryError(EckartError, MemoryError):
    """More memory was wanted than there is."""


class OutOfRangeError(EckartError, LinAlgError, OverflowError):
    """A result exceeds its type: the largest singular value of a matrix whose entries are near the largest number."""


class CancelledError(EckartError):
    """The computation was asked to stop."""


class FileError(EckartError, OSError):
    """A file cannot be opened, read or written."""


class FormatError(EckartError, ValueError):
    """A file breaks its format. The message begins with the file and the place in it."""


class NumericalError(EckartError, LinAlgError):
    """Every method failed its audit; the message holds the figures of the last."""
