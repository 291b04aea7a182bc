"""Adapters: what source systems send becomes events, records, consent changes, merges and deletions.

::

    from cxm_sdk import adapters

    name = adapters.detect(payload)                     # "hubspot"
    parsed = adapters.get(name, tenant="62515").parse(payload)
    graph.ingest(parsed)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxm_sdk.adapters.base import Adapter, Kind
    from cxm_sdk.adapters.parsed import ConsentChange, Deletion, Identifier, Merge, Parsed, Record, Rejected
    from cxm_sdk.adapters.reading import Many, OptIn, OptOut, Reading
    from cxm_sdk.adapters.registry import detect, find, get, names
    from cxm_sdk.adapters.signatures import verify

__all__ = [
    "Adapter",
    "ConsentChange",
    "Deletion",
    "Identifier",
    "Kind",
    "Many",
    "Merge",
    "OptIn",
    "OptOut",
    "Parsed",
    "Reading",
    "Record",
    "Rejected",
    "detect",
    "find",
    "get",
    "names",
    "verify",
]

_HOME = {
    **dict.fromkeys(("Adapter", "Kind"), "base"),
    **dict.fromkeys(
        ("ConsentChange", "Deletion", "Identifier", "Merge", "Parsed", "Record", "Rejected"), "parsed"
    ),
    **dict.fromkeys(("Many", "OptIn", "OptOut", "Reading"), "reading"),
    **dict.fromkeys(("detect", "find", "get", "names"), "registry"),
    "verify": "signatures",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"cxm_sdk.adapters.{_HOME[name]}"), name)
