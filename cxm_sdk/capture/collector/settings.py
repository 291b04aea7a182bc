"""What browser SDKs ask for before they send anything, so that they need a host name and no more."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["address", "segment_settings", "source_config"]

_HOST: Final = re.compile(r"[A-Za-z0-9.\-_]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def address(scheme: str, host: str, root_path: str) -> tuple[str, str]:
    """Names the collector as its caller reaches it.

    Args:
        scheme: ``http`` or ``https``.
        host: The header ``Host``.
        root_path: Where the collector is mounted; empty at the root.

    Returns:
        Scheme, and host with path. A host that is none, and would end up in a page, becomes ``localhost``.

    Example:
        >>> address("https", "events.example:8443", "/collect")
        ('https', 'events.example:8443/collect')
    """
    known = host if _HOST.fullmatch(host) else "localhost"
    return ("https" if scheme in ("https", "wss") else "http"), known + root_path.rstrip("/")


def segment_settings(write_key: str, scheme: str, host: str) -> dict[str, Any]:
    """Makes what analytics-next loads from its CDN.

    Args:
        write_key: The key it asks with.
        scheme: How it reaches the collector.
        host: Where, as ``address`` gives it.

    Returns:
        The settings.

    Example:
        >>> segment_settings("wk-1", "https", "events.example")["integrations"]["Segment.io"]["apiHost"]
        'events.example/v1'
    """
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "addBundledMetadata": True,
                "unbundledIntegrations": [],
            }
        },
        "plan": {"track": {"__default": {"enabled": True}}, "identify": {"__default": {"enabled": True}}},
        "edgeFunction": {},
        "metrics": {"sampleRate": 0},
        "analyticsNextEnabled": True,
        "enabledMiddleware": {},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def source_config(write_key: str, name: str, scheme: str, host: str) -> dict[str, Any]:
    """Makes what RudderStack's browser SDK loads from its control plane.

    Args:
        write_key: The key it asks with.
        name: Name of the source.
        scheme: How it reaches the collector.
        host: Where, as ``address`` gives it.

    Returns:
        The configuration.

    Example:
        >>> source_config("wk-1", "shop", "https", "events.example")["source"]["enabled"]
        True
    """
    return {
        "source": {
            "id": name,
            "name": name,
            "writeKey": write_key,
            "enabled": True,
            "workspaceId": "default",
            "config": {
                "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}},
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {"DEFAULT": [{"url": f"{scheme}://{host}", "default": True}]},
        },
        "updatedAt": "1970-01-01T00:00:00.000Z",
    }
