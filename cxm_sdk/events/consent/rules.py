"""Which event needs consent to what, and what becomes of it while that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, Literal, get_args

from cxm_sdk.errors import InputError

__all__ = ["CONSENT_EVENTS", "ConsentDecision", "ConsentRules"]

_TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})

ConsentDecision = Literal["pass", "hold", "drop"]

CONSENT_EVENTS = frozenset(
    {
        "Consent Updated",
        "Segment Consent Preference Updated",
        "Privacy Request Submitted",
        "Privacy Request Completed",
    }
)
"""Events that say what somebody wants; they pass whatever the rules, since they are its proof."""


class ConsentRules:
    """Which event needs consent to what, and what becomes of it while consent is not known.

    The categories of an event are those of the first fitting entry of ``events``: exact names come before patterns, and
    patterns go in the order written. An event passes when all its categories are granted, is dropped when one is
    refused, and otherwise is treated by the strictest of them: ``drop`` before ``hold`` before ``pass``.

    Args:
        categories: By category, what becomes of its events while consent is unknown: ``hold`` keeps them in memory
            until it is known, ``drop`` counts unknown as refused, ``pass`` says the category needs no consent, so that
            not even a refusal stops it.
        events: Categories or purposes by event name (of page and screen events their ``name``) or by pattern with
            ``*`` and ``?``; ``type:name`` means one type of event only, as in ``identify:*``.
        default: Category or purpose, or several, of events that no entry fits.
        purposes: The categories that each purpose needs.
        max_events: Events held at most, over all subjects; the oldest goes first.
        max_bytes: Bytes of JSON held at most.
        max_seconds: How long an event is held at most.

    Raises:
        InputError: A category that is used but not listed, an unknown treatment, or a limit below zero.

    Example:
        >>> rules = ConsentRules(
        ...     {"necessary": "pass", "analytics": "hold", "advertising": "drop"},
        ...     events={"Order Completed": "necessary", "Email *": "advertising"},
        ...     default="analytics",
        ... )
        >>> viewed = {"type": "track", "event": "Product Viewed", "anonymousId": "a-1"}
        >>> [rules.decide(viewed, state) for state in ({}, {"analytics": True}, {"analytics": False})]
        ['hold', 'pass', 'drop']
    """

    def __init__(
        self,
        categories: Mapping[str, ConsentDecision],
        *,
        default: str | Iterable[str],
        events: Mapping[str, str | Iterable[str]] | None = None,
        purposes: Mapping[str, str | Iterable[str]] | None = None,
        max_events: int = 10_000,
        max_bytes: int = 16_000_000,
        max_seconds: float = 1800.0,
    ) -> None:
        self.categories = dict(categories)
        for treatment in self.categories.values():
            if treatment not in get_args(ConsentDecision):
                raise InputError(
                    f"Unknown treatment {treatment!r} of a consent category.",
                    hint=f"The treatments are {', '.join(get_args(ConsentDecision))}.",
                )
        if min(max_events, max_bytes, max_seconds) < 0:
            raise InputError(
                "A limit of what is held for consent is below zero.", hint="Use 0 to hold nothing."
            )
        self.max_events, self.max_bytes, self.max_seconds = max_events, max_bytes, max_seconds
        self._purposes: dict[str, frozenset[str]] = {}
        for purpose, needs in (purposes or {}).items():
            self._purposes[purpose] = self._known(needs)
        self._default = self._known(default)
        self._exact: dict[tuple[str, str], frozenset[str]] = {}
        self._patterns: list[tuple[str, re.Pattern[str], frozenset[str]]] = []
        for entry, needs in (events or {}).items():
            kind, colon, name = entry.partition(":")
            if kind not in _TYPES or not colon:
                kind, name = "", entry
            if "*" in name or "?" in name:
                self._patterns.append(
                    (kind, re.compile(translate(name.replace("[", "[[]"))), self._known(needs))
                )
            else:
                self._exact[kind, name] = self._known(needs)
        self._cached = lru_cache(4096)(self._find)  # names are few; a host that makes them up stays bounded

    def needed(self, event: Mapping[str, Any]) -> frozenset[str]:
        """Tells which categories an event needs consent to.

        Args:
            event: An event in its wire form.

        Returns:
            The categories, without those that pass in any case.
        """
        kind = event.get("type")
        name = event.get("event" if kind == "track" else "name")
        return self._cached(kind if isinstance(kind, str) else "", name if isinstance(name, str) else "")

    def decide(self, event: Mapping[str, Any], state: Mapping[str, bool]) -> ConsentDecision:
        """Decides on one event.

        Args:
            event: An event in its wire form.
            state: What its subject has granted (True) and refused (False); what is missing is unknown.

        Returns:
            ``pass``, ``hold`` until consent is known, or ``drop``.
        """
        return self.decided(self.needed(event), state)

    def decided(self, needed: Iterable[str], state: Mapping[str, bool]) -> ConsentDecision:
        """Decides on an event of which it is known what it needs.

        Args:
            needed: Categories that :meth:`needed` gave.
            state: What its subject has granted (True) and refused (False).

        Returns:
            ``pass``, ``hold`` or ``drop``.
        """
        decision: ConsentDecision = "pass"
        for category in needed:
            granted = state.get(category)
            if granted is None:
                if self.categories[category] == "drop":
                    return "drop"
                decision = "hold"
            elif not granted:
                return "drop"
        return decision

    def _find(self, kind: str, name: str) -> frozenset[str]:
        if kind == "track" and name in CONSENT_EVENTS:
            return frozenset()
        needs = self._exact.get((kind, name), self._exact.get(("", name)))
        if needs is None:
            needs = next(
                (found for of, pattern, found in self._patterns if of in ("", kind) and pattern.match(name)),
                self._default,
            )
        return frozenset(category for category in needs if self.categories[category] != "pass")

    def _known(self, needs: str | Iterable[str]) -> frozenset[str]:
        """The categories behind categories and purposes, all of which must be listed."""
        found: set[str] = set()
        for need in (needs,) if isinstance(needs, str) else needs:
            if need in self._purposes:
                found |= self._purposes[need]
            elif need in self.categories:
                found.add(need)
            else:
                raise InputError(
                    f"{need!r} is neither a consent category nor a purpose.",
                    hint=f"The categories are {', '.join(self.categories) or 'none'}.",
                )
        return frozenset(found)
