"""What a host can say happened: one method for each type of event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from cxm_sdk.capture.intake import Intake

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Unpack

__all__ = ["Calls", "Details", "Given"]


class Details(TypedDict, total=False):
    """What every call may say besides; all of it may be left out.

    Attributes:
        timestamp: When it happened, or was learned; now when left out. One without zone is taken as UTC.
        context: What surrounds it, on top of what the context says.
        message_id: Id of the event; one of its own when left out. Events of one id count once.
        integrations: Which destinations behind the receiver get it.

    Example:
        >>> Details(message_id="m-1")
        {'message_id': 'm-1'}
    """

    timestamp: datetime | str | None
    context: Mapping[str, Any] | None
    message_id: str | None
    integrations: Mapping[str, Any] | None


class Given(Details, total=False):
    """Who it was, and what every call may say besides. One of the two ids must be known, from here or the context.

    Attributes:
        user_id: Who; what the context says when left out.
        anonymous_id: On which browser or device; what the context says when left out.

    Example:
        >>> Given(user_id="u-1", message_id="m-1")
        {'user_id': 'u-1', 'message_id': 'm-1'}
    """

    user_id: str | None
    anonymous_id: str | None


class Calls:
    """The calls of a client that record events; what they are given goes to its intake."""

    _enabled: bool
    _intake: Intake

    def track(
        self, event: object, properties: Mapping[str, Any] | None = None, **given: Unpack[Given]
    ) -> None:
        """Records that something happened.

        Args:
            event: Name of the event, such as ``Order Completed``, or a typed event, which has its properties in it.
            properties: What is to be said about it; for an event given by name.
            **given: ``user_id``, ``anonymous_id``, ``timestamp``, ``context``, ``message_id``, ``integrations``; see
                :class:`Given`.
        """
        if not self._enabled:
            return
        if type(event) is str:
            own = {"event": event, "properties": properties}
            self._intake.take("track", own, "properties", given)
        else:
            self._intake.take_typed(event, properties, given)

    def identify(
        self,
        user_id: str | None = None,
        traits: Any = None,
        *,
        anonymous_id: str | None = None,
        **details: Unpack[Details],
    ) -> None:
        """Records who somebody is.

        Args:
            user_id: The person's id with you; what the context says when left out.
            traits: What is known about the person: ``email``, ``phone``, ``first_name``.
            anonymous_id: The browser or device the person uses.
            **details: ``timestamp``, ``context``, ``message_id``, ``integrations``; see :class:`Details`.
        """
        if self._enabled:
            who = {"user_id": user_id, "anonymous_id": anonymous_id}
            self._intake.take("identify", {"traits": traits}, "traits", {**who, **details})

    def page(
        self,
        name: str | None = None,
        properties: Mapping[str, Any] | None = None,
        *,
        category: str | None = None,
        **given: Unpack[Given],
    ) -> None:
        """Records that somebody saw a page.

        Args:
            name: Name of the page.
            properties: What is to be said about it: ``url``, ``path``, ``title``, ``referrer``.
            category: Kind of page.
            **given: ``user_id``, ``anonymous_id``, ``timestamp``, ``context``, ``message_id``, ``integrations``; see
                :class:`Given`.
        """
        if self._enabled:
            self._intake.take("page", _view(name, category, properties), "properties", given)

    def screen(
        self,
        name: str | None = None,
        properties: Mapping[str, Any] | None = None,
        *,
        category: str | None = None,
        **given: Unpack[Given],
    ) -> None:
        """Records that somebody saw a screen of an app.

        Args:
            name: Name of the screen.
            properties: What is to be said about it.
            category: Kind of screen.
            **given: ``user_id``, ``anonymous_id``, ``timestamp``, ``context``, ``message_id``, ``integrations``; see
                :class:`Given`.
        """
        if self._enabled:
            self._intake.take("screen", _view(name, category, properties), "properties", given)

    def group(self, group_id: str, traits: Any = None, **given: Unpack[Given]) -> None:
        """Records that somebody belongs to a company, team or account.

        Args:
            group_id: Id of the group with you.
            traits: What is known about the group.
            **given: ``user_id``, ``anonymous_id``, ``timestamp``, ``context``, ``message_id``, ``integrations``; see
                :class:`Given`.
        """
        if self._enabled:
            self._intake.take("group", {"groupId": group_id, "traits": traits}, "traits", given)

    def alias(self, previous_id: str, user_id: str | None = None, **details: Unpack[Details]) -> None:
        """Records that two ids are one person.

        Args:
            previous_id: The id used so far.
            user_id: The id used from now on; what the context says when left out.
            **details: ``timestamp``, ``context``, ``message_id``, ``integrations``; see :class:`Details`.
        """
        if self._enabled:
            self._intake.take("alias", {"previousId": previous_id}, "", {"user_id": user_id, **details})


def _view(name: Any, category: Any, properties: Any) -> dict[str, Any]:
    own = {"name": name, "category": category}
    return {**{key: value for key, value in own.items() if value is not None}, "properties": properties}
