"""Strategies that build any event of the catalogue, field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from cxm_sdk.events.currencies import CURRENCIES
from cxm_sdk.events.values import _CurrencyCode

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 10**9),
    float: st.floats(0, 1e9),
    bool: st.booleans(),
    Decimal: st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False),
    AwareDatetime: TIMES,
    Any: JSON,
    NoneType: st.none(),
}


def values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """What a field of a type may hold."""
    if _CurrencyCode in metadata:
        return st.sampled_from(sorted(CURRENCIES))
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(parts[0], parts[1:])
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of([values(part) for part in parts])
    if origin is tuple:
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, values(parts[1]), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return models(annotation)
    raise AssertionError(f"no strategy for {annotation}")


def models(cls: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Instances of a class; scores are put on their scale."""
    needed, maybe = {}, {}
    for name, field in cls.model_fields.items():
        found = values(field.annotation, tuple(field.metadata))
        (needed if field.is_required() else maybe)[name] = found
    return st.fixed_dictionaries(needed, optional=maybe).map(_on_its_scale).map(lambda given: cls(**given))


def _on_its_scale(given: dict[str, Any]) -> dict[str, Any]:
    if "score" in given and not {"rank", "model_id"} & given.keys():
        given["score"] = min(given["score"] or 0, 10)
        for name, bound in (("scale_min", 0.0), ("scale_max", 10.0)):
            if name in given:
                given[name] = bound
    elif {"scale_min", "scale_max"} & given.keys():
        given.update(
            {name: bound for name, bound in (("scale_min", 0.0), ("scale_max", 10.0)) if name in given}
        )
    return given
