"""Distinct texts of Arrow columns, and the numbers that stand for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cxm_sdk._native import codes
from cxm_sdk.identity.spans import Spans

__all__ = ["dictionary_order", "distinct_texts", "places_in", "texts_at"]


def texts_at(array: pa.StringArray, rows: NDArray[np.int32]) -> pa.StringArray:
    """Takes texts by number; like Arrow's ``take``, but what lies far apart in memory is not waited for.

    Args:
        array: Strings; an empty one is as good as null.
        rows: ``int32[n]``, positions in it, -1 for null.

    Returns:
        The strings, null for none.

    Example:
        >>> import pyarrow as pa
        >>> texts_at(pa.array(["Ada", "Bob"]), np.array([1, -1, 0], np.int32)).to_pylist()
        ['Bob', None, 'Ada']
    """
    offsets, data = Spans.of(array).packed()
    return Spans.end_to_end(*codes.take_texts(data, offsets, rows)).array()


def places_in(indices: pa.Array) -> NDArray[np.int32]:
    """Reads the indices of an Arrow dictionary array.

    Args:
        indices: Numbers of any width.

    Returns:
        ``int32[n]``, -1 for null.

    Example:
        >>> import pyarrow as pa
        >>> places_in(pa.array([1, None, 0], pa.int8())).tolist()
        [1, -1, 0]
    """
    if indices.null_count:
        indices = indices.fill_null(-1)
    return np.asarray(indices).astype(np.int32, copy=False)


def distinct_texts(array: pa.Array) -> tuple[pa.StringArray, NDArray[np.int32]]:
    """Encodes an array by its distinct values in the order in which they first stand there.

    Args:
        array: Strings, null for none.

    Returns:
        The distinct values, without null; and ``int32[n]`` codes into them, -1 for null.

    Example:
        >>> import pyarrow as pa
        >>> values, codes = distinct_texts(pa.array(["b", None, "a", "b"]))
        >>> values.to_pylist(), codes.tolist()
        (['b', 'a'], [0, -1, 1, 0])
    """
    spans = Spans.of(array)
    numbers, firsts = spans.distinct(len(spans) if spans.mostly_distinct() else 0)
    return spans.take(firsts).array(), numbers


def dictionary_order(array: pa.Array) -> tuple[pa.StringArray, NDArray[np.int32]]:
    """Encodes an array by its distinct values in bytewise order.

    Args:
        array: Strings, null for none.

    Returns:
        The distinct values, sorted, without null; and ``int32[n]`` codes into them, -1 for null.

    Example:
        >>> import pyarrow as pa
        >>> values, codes = dictionary_order(pa.array(["b", None, "a", "b"]))
        >>> values.to_pylist(), codes.tolist()
        (['a', 'b'], [1, -1, 0, 1])
    """
    spans = Spans.of(array)
    numbers, firsts = spans.distinct()
    values = spans.take(firsts)
    order = values.order()
    rank = np.empty(len(order) + 1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rank[-1] = -1  # where a code of -1 points
    return values.take(order).array(), rank[numbers]
