"""A profile graph behind the collector: who is who, and what webhooks bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.errors import AdapterError, InputError, UnknownProfileError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.profiles.profile import Profile

__all__ = ["GraphProfiles", "SystemWebhook"]

_RECENT: Final = 10
"""Entries of the timeline that a context shows."""


class GraphProfiles:
    """Answers what may be asked of profiles, for ``Collector(profiles=…)``.

    Args:
        graph: The graph.

    Example:
        >>> with ProfileGraph(":memory:") as graph:
        ...     _ = graph.ingest({"type": "identify", "userId": "u-1", "traits": {"email": "ada@example.com"}})
        ...     GraphProfiles(graph).context("email", "ada@example.com")["traits"]
        {'email': 'ada@example.com'}
    """

    def __init__(self, graph: ProfileGraph) -> None:
        self._graph = graph

    def profile(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives somebody.

        Args:
            namespace: Namespace of an identifier.
            value: The identifier.

        Returns:
            Identifiers, devices, fields with their sources, traits and consent; None where nobody has it.

        Raises:
            InputError: The namespace is unknown, or the value names nobody.
        """
        return self._read(namespace, value, _profile)

    def context(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives what is known of somebody at a glance.

        Args:
            namespace: Namespace of an identifier.
            value: The identifier.

        Returns:
            Fields, traits, consent, household and the last ten entries of the timeline; None where nobody has it.

        Raises:
            InputError: The namespace is unknown, or the value names nobody.
        """
        return self._read(namespace, value, _context)

    def timeline(self, namespace: str, value: str, limit: int) -> Mapping[str, Any] | None:
        """Gives what somebody did, latest first.

        Args:
            namespace: Namespace of an identifier.
            value: The identifier.
            limit: Most entries.

        Returns:
            The entries; None where nobody has it.

        Raises:
            InputError: The namespace is unknown, or the value names nobody.
        """

        def entries(found: Profile) -> dict[str, Any]:
            return {
                "profile_id": found.id,
                "timeline": [asdict(entry) for entry in found.timeline(limit=limit)],
            }

        return self._read(namespace, value, entries)

    def consent(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives what somebody allows.

        Args:
            namespace: Namespace of an identifier.
            value: The identifier.

        Returns:
            For each purpose whether they allow it; None where nobody has it.

        Raises:
            InputError: The namespace is unknown, or the value names nobody.
        """
        return self._read(
            namespace, value, lambda found: {"profile_id": found.id, "consent": dict(found.consent)}
        )

    def _read(
        self, namespace: str, value: str, show: Callable[[Profile], dict[str, Any]]
    ) -> Mapping[str, Any] | None:
        try:
            return show(self._graph.profile(namespace, value))
        except UnknownProfileError:
            return None


def _profile(found: Profile) -> dict[str, Any]:
    household = found.household
    return {
        "profile_id": found.id,
        "confidence": round(found.confidence, 6),
        "household_id": household[0] if household else None,
        "identifiers": [asdict(held) for held in found.identifiers],
        "devices": [asdict(owned) for owned in found.devices],
        "golden": {name: asdict(value) for name, value in found.golden.items()},
        "traits": dict(found.traits),
        "consent": dict(found.consent),
    }


def _context(found: Profile) -> dict[str, Any]:
    household = found.household
    return {
        "profile_id": found.id,
        "household_id": household[0] if household else None,
        "fields": {name: value.value for name, value in found.golden.items()},
        "traits": dict(found.traits),
        "consent": dict(found.consent),
        "recent": [
            {"at": entry.at, "kind": entry.kind, "name": entry.item.get("event") or entry.item.get("name")}
            for entry in found.timeline(limit=_RECENT)
        ],
    }


class SystemWebhook:
    """Where one source system's deliveries come in, for ``Collector(webhooks=…)``; its sink is a graph.

    Args:
        adapter: Reads what the system sends.
        secret: What the system signs with; None takes unsigned deliveries, which must be allowed.
        unsigned: Whether deliveries need not be signed: for systems that sign none, behind an address or a network
            that only they know.

    Raises:
        AdapterError: The system does not sign, or there is no secret, and unsigned deliveries are not allowed.

    Example:
        >>> from cxm_sdk import adapters
        >>> hook = SystemWebhook(adapters.get("segment"), secret="example-webhook-secret")
        >>> hook.verified({"x-signature": "0" * 40}, b"{}", "")
        False
    """

    def __init__(self, adapter: Adapter, secret: str | None = None, *, unsigned: bool = False) -> None:
        self._adapter = adapter
        self._secret = secret
        if unsigned and secret is not None:
            raise AdapterError(f"{adapter.title}: expected a secret or unsigned deliveries, got both.")
        if not unsigned and not secret:
            raise AdapterError(
                f"{adapter.title}: expected the secret that deliveries are signed with, got none.",
                hint="or allow unsigned deliveries",
            )
        if not unsigned and adapter.signature is None:
            raise AdapterError(
                f"{adapter.title} does not sign what it sends.",
                hint="allow unsigned deliveries, or do without",
            )

    def verified(self, headers: Mapping[str, str], body: bytes, url: str) -> bool:
        """Tells whether it was the system that sent a delivery, and lately.

        Args:
            headers: Of the request.
            body: Of the request, byte by byte as it came.
            url: Of the request, in full.

        Returns:
            Whether it was; True where unsigned deliveries are allowed.
        """
        return self._secret is None or self._adapter.verify(headers, body, self._secret, url=url)

    def entry(self, body: bytes) -> Mapping[str, Any]:
        """Translates a delivery.

        Args:
            body: Of the request.

        Returns:
            What ``ProfileGraph.send`` takes in.

        Raises:
            InputError: The adapter cannot read it, or nothing in it.
        """
        parsed = self._adapter.parse(body)
        written = parsed.to_dict()
        if not any(written[part] for part in written if part != "rejected") and parsed.rejected:
            first = parsed.rejected[0]
            raise InputError(f"{first.path}: {first.reason}: {first.detail}")
        return {"type": "webhook", "adapter": self._adapter.name, "parsed": written}
