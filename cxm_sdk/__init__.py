"""Customer identity resolution and event capture: what many systems know of one customer becomes one profile.

::

    import cxm_sdk

    result = cxm_sdk.resolve("crm.csv", "loyalty.parquet", "web.jsonl")
    result.assignments        # one row a record: source, record_id, profile_id, household_id, confidence
    result.explain("crm:17", "web:a-9")

    with cxm_sdk.ProfileGraph("customers.db") as graph:      # live: one event at a time, or by the million
        graph.ingest({"type": "identify", "userId": "u-1", "traits": {"email": "ada@example.com"}})
        graph.profile("email", "ada@example.com").golden

    client = cxm_sdk.Client("https://…", write_key="…")
    client.track(cxm_sdk.events.OrderCompleted(order_id="o-1", total="42.00", currency="EUR"), user_id="u-1")

Importing the package loads nothing but the error tree; every other name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxm_sdk.errors import (
    AdapterError,
    CaptureError,
    ColumnError,
    CxmError,
    DeliveryError,
    EventError,
    InputError,
    MissingExtraError,
    ModelError,
    PlanError,
    ResultError,
    SourceError,
    StoreError,
    UnknownProfileError,
)

if TYPE_CHECKING:
    from cxm_sdk import capture as capture
    from cxm_sdk import events as events
    from cxm_sdk import testing as testing
    from cxm_sdk.capture.client import Client
    from cxm_sdk.graph import ProfileGraph
    from cxm_sdk.identity.evaluation import Evaluation, evaluate
    from cxm_sdk.identity.explain import Explanation
    from cxm_sdk.identity.linker import Linker, resolve
    from cxm_sdk.identity.model import MatchModel
    from cxm_sdk.identity.resolution import Resolution
    from cxm_sdk.profiles.config import GraphConfig

__all__ = [
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

__version__ = "0.1.0"

_HOME = {
    "Client": "cxm_sdk.capture.client",
    "Evaluation": "cxm_sdk.identity.evaluation",
    "Explanation": "cxm_sdk.identity.explain",
    "GraphConfig": "cxm_sdk.profiles.config",
    "Linker": "cxm_sdk.identity.linker",
    "MatchModel": "cxm_sdk.identity.model",
    "ProfileGraph": "cxm_sdk.graph",
    "Resolution": "cxm_sdk.identity.resolution",
    "evaluate": "cxm_sdk.identity.evaluation",
    "resolve": "cxm_sdk.identity.linker",
}

_PACKAGES = ("capture", "events", "testing")

# What the optional packages are installed by.
_EXTRA = {"duckdb": "batch", "pyarrow": "batch", "jsonschema_rs": "plan", "yaml": "plan"}


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"cxm_sdk.{name}")  # which sets the attribute
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _EXTRA:
            raise MissingExtraError.for_package(package, _EXTRA[package]) from error
        raise
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__", *_PACKAGES]
