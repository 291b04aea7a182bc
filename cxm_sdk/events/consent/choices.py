"""What each subject has agreed to and refused, whatever the order in which it was learned."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cxm_sdk.events.redaction import hashed_value

__all__ = ["Choice", "Choices", "Subject", "said", "subjects"]

_UPDATED = "Consent Updated"

Subject = tuple[str, str]
"""Kind of id (``userId`` or ``anonymousId``) and the hash of the id."""


class Choice(NamedTuple):
    """What was said about one category at one time; the greater of two choices is the one that holds.

    Attributes:
        at: When, in seconds since 1970.
        refused: Whether it was a refusal; of two choices at one time the refusal holds.
        expires: When a grant ends, negated so that the earlier end holds; minus infinity when it does not.
    """

    at: float
    refused: bool
    expires: float = float("-inf")

    def granted(self, now: float) -> bool | None:
        """Tells whether the category is granted; None when nothing holds any more.

        Args:
            now: The time, in seconds since 1970.
        """
        if self.refused:
            return False
        return True if -self.expires > now else None


class Choices:
    """The choices of many subjects, kept by hashed ids.

    Args:
        max_subjects: How many are kept; the one least recently learned about goes first, and is unknown from then on.
    """

    def __init__(self, max_subjects: int = 100_000) -> None:
        self._max_subjects = max_subjects
        self._by_subject: OrderedDict[Subject, dict[str, Choice]] = OrderedDict()
        self._overruled: set[Subject] = set()

    def learn(self, event: Mapping[str, Any], now: float) -> dict[Subject, bool]:
        """Learns from an event that says something about consent.

        Args:
            event: An event in its wire form.
            now: The time, in seconds since 1970.

        Returns:
            The subjects about whom something was learned, and whether one of their categories turned to refused.
        """
        at = min(
            _seconds(event.get("timestamp"), now), now
        )  # a clock that runs ahead must not outlast what follows
        learned: dict[Subject, bool] = {}
        for preferences, expires in said(event):
            end = -_seconds(expires, float("inf"))
            choices = {
                category: Choice(at, not granted, end if granted else float("-inf"))
                for category, granted in preferences.items()
                if isinstance(category, str) and isinstance(granted, bool)
            }
            for subject, refused in self.record(subjects(event), choices).items():
                learned[subject] = learned.get(subject, False) or refused
        return learned

    def record(self, of: Iterable[Subject], choices: Mapping[str, Choice]) -> dict[Subject, bool]:
        """Records choices of subjects.

        Args:
            of: The subjects.
            choices: Choices by category; a category's later choice holds.

        Returns:
            The subjects about whom something was learned, and whether one of their categories turned to refused: for
            the first time, after a grant, or after a later grant of another subject had overruled it.
        """
        learned: dict[Subject, bool] = {}
        for subject in of:
            known = self._by_subject.setdefault(subject, {})
            self._by_subject.move_to_end(subject)
            for category, choice in choices.items():
                before = known.get(category)
                if before is None or choice > before:
                    known[category] = choice
                    turned = choice.refused and (
                        before is None or not before.refused or subject in self._overruled
                    )
                    learned[subject] = learned.get(subject, False) or turned
            if learned.get(subject):
                self._overruled.discard(subject)
            if len(self._by_subject) > self._max_subjects:
                self._overruled.discard(self._by_subject.popitem(last=False)[0])
        return learned

    def passed(self, of: Iterable[Subject], needed: Iterable[str]) -> None:
        """Notes that an event passed, so that a subject whose refusal was overruled may refuse anew.

        Args:
            of: The subjects the event names.
            needed: The categories it needs.
        """
        for subject in of:
            known = self._by_subject.get(subject, {})
            if any(category in known and known[category].refused for category in needed):
                self._overruled.add(subject)

    def state(self, of: Iterable[Subject], now: float) -> dict[str, bool]:
        """Tells what holds for an event of these subjects.

        Args:
            of: The subjects an event names: its user, its device.
            now: The time, in seconds since 1970.

        Returns:
            Categories that are granted (True) or refused (False). Where the subjects differ, the later choice holds.
        """
        latest: dict[str, Choice] = {}
        for subject in of:
            known = self._by_subject.get(subject)
            if known and not latest:
                latest = known
            elif known:
                latest = {category: max(known.get(category, c), c) for category, c in latest.items()} | {
                    category: c for category, c in known.items() if category not in latest
                }
        state = {}
        for category, choice in latest.items():
            granted = choice.granted(now)
            if granted is not None:
                state[category] = granted
        return state


def subjects(event: Mapping[str, Any], *, stored: bool = False) -> list[Subject]:
    """Names the subjects of an event: its user and its device.

    Args:
        event: An event in its wire form.
        stored: Whether privacy rules may have hashed the ids already.

    Returns:
        The subjects; with ``stored`` also those that the ids would be as hashes.
    """
    found = []
    for kind in ("userId", "anonymousId"):
        value = event.get(kind)
        if value is None or value == "":
            continue
        digest = _digest(value if isinstance(value, str) else str(value))
        if digest:
            found.append((kind, digest))
        if stored:
            found.append((kind, str(value)))
    return found


@lru_cache(4096)
def _digest(value: str) -> str | None:
    """The hash of an id, as privacy rules would make it; None of what is no id."""
    digest = hashed_value("", value)
    return digest if isinstance(digest, str) else None


def said(event: Mapping[str, Any]) -> list[tuple[Mapping[Any, Any], Any]]:
    """Finds what an event says about consent.

    Args:
        event: An event in its wire form.

    Returns:
        Preferences by category, and when they end; empty for most events.
    """
    found: list[tuple[Mapping[Any, Any], Any]] = []
    context = event.get("context")
    if context and (type(context) is dict or isinstance(context, Mapping)) and "consent" in context:
        consent = context["consent"]
        preferences = consent.get("categoryPreferences") if isinstance(consent, Mapping) else None
        if isinstance(preferences, Mapping):
            found.append((preferences, None))
    if event.get("event") == _UPDATED and isinstance(properties := event.get("properties"), Mapping):
        preferences = properties.get("category_preferences")
        if isinstance(preferences, Mapping):
            found.append((preferences, properties.get("expires_at")))
    return found


def _seconds(time: Any, default: float) -> float:
    """Seconds since 1970 of a time as the wire or Python writes it; the default when it is none."""
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time)
        except ValueError:
            return default
    if not isinstance(time, datetime):
        return default
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
