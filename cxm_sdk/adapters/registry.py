"""Which adapters there are, and which one a payload is for."""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.adapters.payloads import loaded
from cxm_sdk.errors import AdapterError

__all__ = ["ENTRY_POINTS", "detect", "find", "get", "names"]

ENTRY_POINTS = "cxm_sdk.adapters"
"""The group of entry points by which other packages bring adapters: each names a subclass of ``Adapter``."""

#: Class of each adapter that comes with the package; a module is loaded when its adapter is used.
_BUILT_IN = {
    "adobe_xdm": "AdobeXdm",
    "cloudevents": "CloudEvents",
    "commerce": "Commerce",
    "decentraland": "Decentraland",
    "dynamics365": "Dynamics365",
    "freshdesk": "Freshdesk",
    "ga4_bigquery": "Ga4BigQuery",
    "hubspot": "HubSpot",
    "ibm_watsonx_assistant": "WatsonxAssistant",
    "marketo": "Marketo",
    "meta_messaging": "MetaMessaging",
    "optimizely": "Optimizely",
    "oracle_cx": "OracleCx",
    "qualtrics": "Qualtrics",
    "roblox": "Roblox",
    "salesforce": "Salesforce",
    "salesforce_marketing_cloud": "SalesforceMarketingCloud",
    "salesforce_service_cloud": "SalesforceServiceCloud",
    "sap": "Sap",
    "segment": "Segment",
    "servicenow": "ServiceNow",
    "shopify": "Shopify",
    "surveymonkey": "SurveyMonkey",
    "tabular": "Tabular",
    "tealium": "Tealium",
    "zendesk": "Zendesk",
}

_log = logging.getLogger(__name__)


def names() -> list[str]:
    """Lists the adapters.

    Returns:
        Their names, those of other packages among them.

    Example:
        >>> "hubspot" in names()
        True
    """
    return sorted({*_BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def find(name: str) -> type[Adapter]:
    """Finds an adapter.

    Args:
        name: Its name.

    Returns:
        The class.

    Raises:
        AdapterError: There is none of that name, or it cannot be loaded.

    Example:
        >>> find("hubspot").title
        'HubSpot'
    """
    if name in _BUILT_IN:
        found: type[Adapter] = getattr(import_module(f"cxm_sdk.adapters.{name}"), _BUILT_IN[name])
        return found
    for point in entry_points(group=ENTRY_POINTS, name=name):
        try:
            brought = point.load()
        except Exception as error:
            raise AdapterError(f"adapter {name}: {point.value} cannot be loaded.") from error
        if isinstance(brought, type) and issubclass(brought, Adapter):
            return brought
        raise AdapterError(f"adapter {name}: expected a subclass of Adapter at {point.value}, got none.")
    raise AdapterError("expected the name of an adapter, got another.", hint=f"one of {', '.join(names())}")


def get(name: str, **options: Any) -> Adapter:
    """Makes an adapter ready for use.

    Args:
        name: Its name.
        **options: What ``Adapter`` takes: ``tenant``, ``timezone``, ``own``, ``identifiers``, ``attributes``.

    Returns:
        The adapter.

    Raises:
        AdapterError: There is none of that name, or an option cannot be used.

    Example:
        >>> get("hubspot", tenant=62515).tenant
        '62515'
    """
    return find(name)(**options)


def detect(payload: Any) -> str:
    """Names the adapter that a payload is for.

    Args:
        payload: The payload, as JSON gives it, or as bytes or text.

    Returns:
        The name.

    Raises:
        AdapterError: It is no JSON; no adapter recognises it; several do, which are named.

    Example:
        >>> detect({"type": "identify", "userId": "u-1", "traits": {}, "messageId": "m-1"})
        'segment'
    """
    payload = loaded(payload)
    fits: dict[str, int] = {}
    for name in names() if isinstance(payload, dict | list) else ():
        try:
            fits[name] = find(name).recognises(payload)
        except AdapterError as error:
            if name in _BUILT_IN:
                raise
            _log.warning("%s", error)  # a broken plugin must not keep the others from working
    most = max(fits.values(), default=0)
    best = [name for name, fit in fits.items() if fit == most]
    if most == 0:
        raise AdapterError("no adapter recognises the payload.", hint=f"name one of {', '.join(names())}")
    if len(best) > 1:
        raise AdapterError(
            f"several adapters recognise the payload: {', '.join(best)}.", hint="name the right one"
        )
    return best[0]
