"""The public names are these, each one resolves, and each one is documented with an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

import cxm_sdk

PUBLIC = [
    "AdapterError",
    "CaptureError",
    "Client",
    "ColumnError",
    "CxmError",
    "DeliveryError",
    "Evaluation",
    "EventError",
    "Explanation",
    "GraphConfig",
    "InputError",
    "Linker",
    "MatchModel",
    "MissingExtraError",
    "ModelError",
    "PlanError",
    "ProfileGraph",
    "Resolution",
    "ResultError",
    "SourceError",
    "StoreError",
    "UnknownProfileError",
    "evaluate",
    "resolve",
]


def documented() -> Iterator[tuple[str, object]]:
    """Every public name, and every public method of the public classes."""
    for name in PUBLIC:
        public = getattr(cxm_sdk, name)
        yield name, public
        if inspect.isclass(public) and not issubclass(public, Exception):
            for member, value in vars(public).items():
                function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                if not member.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{member}", function


def test_the_list_of_public_names_is_this_one() -> None:
    assert cxm_sdk.__all__ == PUBLIC
    assert dir(cxm_sdk) == [*sorted([*PUBLIC, "__version__", "capture", "events", "testing"])]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_resolves_and_keeps_its_name(name: str) -> None:
    assert getattr(cxm_sdk, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Resolver'"):
        _ = cxm_sdk.Resolver


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented_with_an_example(name: str) -> None:
    public = getattr(cxm_sdk, name)
    text = inspect.getdoc(public) or ""
    assert len(text) > 20
    if inspect.isclass(public) and issubclass(public, Exception):
        return  # errors are raised by the package; docs/reference/errors.md shows when
    assert ">>>" in text


def test_every_public_method_says_what_it_takes_and_gives() -> None:
    bare = []
    for name, public in documented():
        text = inspect.getdoc(public) or ""
        takes = [p for p in inspect.signature(public).parameters if p not in ("self", "cls")]  # type: ignore[arg-type]
        if inspect.isfunction(public) and (
            (takes and "Args:" not in text)
            or any(f"{parameter}:" not in text for parameter in takes)
            or ("Returns:" not in text and inspect.signature(public).return_annotation not in ("None", None))
        ):
            bare.append(name)
    assert bare == []
