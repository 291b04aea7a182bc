"""What an event goes through between the call and the encoding: sampling, plan, consent, hooks, privacy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from cxm_sdk.capture.outcomes import Outcomes

__all__ = ["Consent", "Hook", "Plan", "Privacy", "Stages"]

Hook = Callable[[dict[str, Any]], Mapping[str, Any] | None]


class Plan(Protocol):
    """A tracking plan, as ``cxm_sdk.events.plan.TrackingPlan`` is one."""

    mode: Any

    def check(self, event: Mapping[str, Any]) -> list[Any]:
        """Gives what does not fit."""

    def stamped(self, event: Mapping[str, Any], violations: list[Any]) -> Mapping[str, Any]:
        """Marks an event with what does not fit."""


class Privacy(Protocol):
    """Privacy rules, as ``cxm_sdk.events.privacy.PrivacyRules`` are."""

    def apply(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Gives the event with its personal data hashed, masked or left out."""


class Admission(Protocol):
    """What a consent gate lets go, and what it drops."""

    @property
    def passed(self) -> Sequence[Mapping[str, Any]]:
        """Events that may go."""

    @property
    def dropped(self) -> Sequence[tuple[Mapping[str, Any], str]]:
        """Events that may not, and why."""

    @property
    def purge(self) -> bool:
        """Whether consent was withdrawn."""


class Admitted(NamedTuple):
    """What may go where no gate has a say.

    Attributes:
        passed: Events that may go.
        dropped: Events that may not, and why.
        purge: Whether consent was withdrawn.
    """

    passed: Sequence[Mapping[str, Any]] = ()
    dropped: Sequence[tuple[Mapping[str, Any], str]] = ()
    purge: bool = False


class Consent(Protocol):
    """A consent gate, as ``cxm_sdk.events.consent.ConsentGate`` is one."""

    @property
    def held(self) -> int:
        """How many events wait for consent."""

    def admit(self, event: Mapping[str, Any]) -> Admission:
        """Decides on an event."""

    def grant(self, *categories: str, user_id: str | None, anonymous_id: str | None) -> Admission:
        """Records that somebody agrees."""

    def withdraw(self, *categories: str, user_id: str | None, anonymous_id: str | None) -> Admission:
        """Records that somebody refuses."""

    def withdrawn(self, event: Mapping[str, Any]) -> bool:
        """Tells whether a stored event may not be sent any more."""

    def due(self) -> float | None:
        """Tells in how many seconds something will have waited too long; None when nothing waits."""

    def expire(self) -> Admission:
        """Drops what has waited too long."""

    def close(self) -> Admission:
        """Drops all that still waits."""


class Stages:
    """Applies what a client was told to, in order; a stage that raises costs the event, never the host.

    Args:
        outcomes: Where what is dropped or refused is booked.
        sample: Share of people whose events are taken, 0 to 1; all of a person's events are taken or none.
        plan: Checks events against what was agreed.
        consent: Holds or drops what nobody has agreed to.
        hooks: Called one after the other with the event; each gives it back, changed or not, or None to drop it.
        privacy: Hashes, masks or drops personal data.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        *,
        sample: float,
        plan: Plan | None,
        consent: Consent | None,
        hooks: Sequence[Hook],
        privacy: Privacy | None,
    ) -> None:
        self._outcomes = outcomes
        self._sample = sample
        self._plan = plan
        self.consent = consent
        self._hooks = tuple(hooks)
        self._privacy = privacy
        self.idle = sample >= 1.0 and not (plan or consent or hooks or privacy)

    def admitted(self, event: Mapping[str, Any]) -> tuple[Admission, str]:
        """Takes an event through sampling, plan and consent.

        Args:
            event: The event.

        Returns:
            What may go now (held events may be released by it), and what a plan refused the event for; empty when
            it did not.
        """
        if self._sample < 1.0 and not self._sampled(event):
            self._outcomes.dropped(event, "sampled")
            return Admitted(), ""
        if self._plan is not None:
            found = self._plan.check(event)
            if found and self._plan.mode == "reject":
                self._outcomes.rejected(event, "plan")
                return Admitted(), "; ".join(map(str, found))
            if found:
                event = self._plan.stamped(event, found)
        if self.consent is None:
            return Admitted((event,)), ""
        return self.consent.admit(event), ""

    def finished(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Takes an event through hooks and privacy rules.

        Args:
            event: The event.

        Returns:
            What is to be encoded; None when it was dropped, which is booked.
        """
        for hook in self._hooks:
            try:
                changed = hook(dict(event))
            except Exception as error:
                # a hook may be what removes personal data: an event it failed on must not pass
                self._outcomes.warned("before_send", error)
                changed, reason = None, "before_send_failed"
            else:
                reason = "before_send"
            if changed is None:
                self._outcomes.dropped(event, reason)
                return None
            event = changed
        if self._privacy is not None:
            try:
                return self._privacy.apply(event)
            except Exception as error:
                self._outcomes.warned("privacy", error)
                self._outcomes.dropped({}, "privacy_failed")
                return None
        return event

    def forked(self) -> None:
        """Begins anew in a forked child."""
        for part in (self._plan, self.consent, self._privacy):
            forked = getattr(part, "forked", None)
            if forked is not None:
                forked()

    def _sampled(self, event: Mapping[str, Any]) -> bool:
        subject = str(event.get("userId") or event.get("anonymousId") or "")
        return crc32(subject.encode("utf-8", "replace")) < self._sample * 2**32
