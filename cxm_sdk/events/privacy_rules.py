"""What is done to personal data, by class and by path."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Mapping
from functools import _lru_cache_wrapper, lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from cxm_sdk.errors import InputError
from cxm_sdk.events.catalog.classified import CLASSIFIED
from cxm_sdk.events.identifiers import canonical_email
from cxm_sdk.events.privacy import PrivacyClass, split_path
from cxm_sdk.events.redaction import ENVELOPE_IDS, grown, hashed_value, rewritten

if TYPE_CHECKING:
    from cxm_sdk.events.redaction import Node

__all__ = ["PrivacyAction", "PrivacyRules"]

_REGISTRY = "cxm_sdk.events.registry"

PrivacyAction = Literal["keep", "hash", "mask", "drop"]
ACTIONS: frozenset[str] = frozenset(get_args(PrivacyAction))


class ClassifiedPlan(Protocol):
    """What :class:`PrivacyRules` wants of a tracking plan."""

    def privacy_fields(self, event_type: str, name: str) -> Mapping[str, PrivacyClass]:
        """Gives the classified fields of one event, by path inside its properties or traits."""


# What happens to a class that the rules do not name. Ids stay, since nothing could be told apart without them.
_DEFAULT: Mapping[PrivacyClass, PrivacyAction] = {
    PrivacyClass.IDENTIFIER: "keep",
    PrivacyClass.CONTACT: "hash",
    PrivacyClass.FREE_TEXT: "mask",
    PrivacyClass.SPECIAL: "drop",
}

_PERSON = (
    "email",
    "phone",
    "first_name",
    "firstName",
    "last_name",
    "lastName",
    "address",
    "birthday",
    "username",
    "avatar",
)

# Fields whose meaning the wire format itself fixes, whatever the event.
_RESERVED: Mapping[str, PrivacyClass] = {
    **dict.fromkeys(ENVELOPE_IDS, PrivacyClass.IDENTIFIER),
    **{f"traits.{name}": PrivacyClass.CONTACT for name in _PERSON},
    "traits.name": PrivacyClass.CONTACT,
    "traits.description": PrivacyClass.FREE_TEXT,
    "traits.id": PrivacyClass.IDENTIFIER,
    **{f"context.traits.{name}": PrivacyClass.CONTACT for name in _PERSON},
    "context.traits.name": PrivacyClass.CONTACT,
    "context.traits.description": PrivacyClass.FREE_TEXT,
    "context.traits.id": PrivacyClass.IDENTIFIER,
    **{f"properties.{name}": PrivacyClass.CONTACT for name in _PERSON},
    "context.groupId": PrivacyClass.IDENTIFIER,
    "context.ip": PrivacyClass.IDENTIFIER,
    "context.device.id": PrivacyClass.IDENTIFIER,
    "context.device.advertisingId": PrivacyClass.IDENTIFIER,
    "context.device.token": PrivacyClass.IDENTIFIER,
    "context.device.name": PrivacyClass.CONTACT,
    "context.location.latitude": PrivacyClass.SPECIAL,
    "context.location.longitude": PrivacyClass.SPECIAL,
}


class PrivacyRules:
    """What is done to personal data in events, by class and by path.

    ``keep`` leaves a field as it is. ``hash`` replaces a field ``x`` by ``x_sha256``: of the canonical form where it
    is an e-mail address or a phone number, so that it can be joined with the clear value later, and of the trimmed
    text otherwise; ``userId``, ``anonymousId``, ``previousId`` and ``groupId`` keep their names. ``mask`` leaves
    ``***`` of a text and null of anything else. ``drop`` removes the field.

    What a field's class is, the tracking plan says first, then the typed event, then the meaning that the wire format
    gives to fields such as ``traits.email`` and ``context.ip``. A rule for a path overrules all of them; of several
    paths that fit, the longest and most exact one counts.

    Args:
        classes: Actions by class, or one action for all of them; what is left out is kept for identifiers, hashed for
            contact data, masked for free text and dropped for special data.
        paths: Actions by path from the top of the event.
        plan: A tracking plan whose fields have classes.

    Raises:
        InputError: An unknown class or action, a path that cannot be read, or ``mask`` or ``drop`` for an id that
            routes the event.

    Example:
        >>> rules = PrivacyRules({"contact": "hash", "free_text": "drop"}, paths={"context.ip": "drop"})
        >>> event = {
        ...     "type": "track",
        ...     "event": "Invite Sent",
        ...     "userId": "u-1",
        ...     "properties": {"email": "Ada.L@Example.com "},
        ...     "context": {"ip": "192.0.2.1", "locale": "en-GB"},
        ... }
        >>> clean = rules.apply(event)
        >>> clean["context"], sorted(clean["properties"])
        ({'locale': 'en-GB'}, ['email_sha256'])
    """

    def __init__(
        self,
        classes: Mapping[str, PrivacyAction] | PrivacyAction | None = None,
        *,
        paths: Mapping[str, PrivacyAction] | None = None,
        plan: ClassifiedPlan | None = None,
    ) -> None:
        self._actions = {**_DEFAULT, **_by_class(classes)}
        self._paths = {split_path(path): _action(action) for path, action in (paths or {}).items()}
        for path, action in self._paths.items():
            if path[0] in ENVELOPE_IDS and action in ("mask", "drop"):
                raise InputError(
                    f"{path[0]} routes the event and cannot be taken out of it; got {action!r}.",
                    hint="Choose 'hash' or 'keep'.",
                )
        # What is done to ids with an e-mail address in them, and to external ids, depends on their values.
        contact = self._actions[PrivacyClass.CONTACT] != "keep"
        self._addresses = tuple(key for key in ENVELOPE_IDS if contact and (key,) not in self._paths)
        self._external = ("context", "externalIds") not in {path[:2] for path in self._paths}
        self._plan = plan
        self._watching = False
        self._tree = lru_cache(4096)(self._grow)  # names are few; a host that makes them up stays bounded

    def apply(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rewrites one event by the rules.

        Args:
            event: An event in its wire form; it is not changed.

        Returns:
            The event without what the rules take away; the same object when there was nothing to do.
        """
        kind = event.get("type")
        name = event.get("event" if kind == "track" else "name")
        if not isinstance(kind, str) or not isinstance(name, str):
            kind, name = kind if isinstance(kind, str) else "", name if isinstance(name, str) else ""
        result = rewritten(event, self._tree(kind, name, _REGISTRY in sys.modules))
        for key in self._addresses:
            value = event.get(key)
            if isinstance(value, str) and "@" in value and canonical_email(value):
                result = {**result, key: hashed_value("email", value)}
        if self._external:
            context = result.get("context")
            if (
                context
                and (type(context) is dict or isinstance(context, Mapping))
                and "externalIds" in context
            ):
                return self._with_external_ids(result)
        return result

    def _with_external_ids(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Treats ``context.externalIds``, whose items say by their type what they hold."""
        ids = event["context"]["externalIds"]
        if not isinstance(ids, (list, tuple)):
            ids = []
        treated = []
        for entry in ids:
            if not isinstance(entry, Mapping):
                continue
            namespace = entry.get("type")
            contact = namespace in ("email", "phone")
            action = self._actions[PrivacyClass.CONTACT if contact else PrivacyClass.IDENTIFIER]
            if action == "keep":
                treated.append(entry)
            elif action == "hash" and isinstance(value := hashed_value(str(namespace), entry.get("id")), str):
                treated.append(
                    {**entry, "id": value, "type": f"{namespace}_sha256" if contact else namespace}
                )
        return {**event, "context": {**event["context"], "externalIds": treated}}

    def _grow(self, kind: str, name: str, typed: bool) -> Node:
        """Builds the tree of actions for the events of one name."""
        payload = "traits" if kind in ("identify", "group") else "properties"
        fields: dict[str, str] = dict(CLASSIFIED.get((kind, name), {}))
        if typed:
            fields |= self._registered(kind, name)
        if self._plan:
            fields |= self._plan.privacy_fields(kind, name)
        classes: dict[tuple[str, ...], PrivacyClass] = {split_path(path): c for path, c in _RESERVED.items()}
        for path, privacy_class in fields.items():
            classes[payload, *split_path(path)] = PrivacyClass(privacy_class)
        actions = {path: self._actions[privacy_class] for path, privacy_class in classes.items()}
        if self._actions[PrivacyClass.IDENTIFIER] != "keep":
            actions |= {(envelope_id,): "hash" for envelope_id in ENVELOPE_IDS}
        rules = self._paths
        return grown(
            {path: act for path, act in actions.items() if not any(_covers(r, path) for r in rules)} | rules
        )

    def _registered(self, kind: str, name: str) -> Mapping[str, PrivacyClass]:
        """The classified fields of an event that is no part of the catalogue."""
        registry = sys.modules[_REGISTRY]
        if not self._watching:
            self._watching = True
            registry.on_change.append(_forgetting(self._tree))
        found = None if (kind, name) in CLASSIFIED else registry.find(kind, name)
        return found.privacy_fields() if found else {}


def _forgetting(tree: _lru_cache_wrapper[Node]) -> Callable[[], None]:
    """Makes what grows trees anew once a class is registered, and does not keep them alive."""
    held = weakref.ref(tree)

    def forget() -> None:
        trees = held()
        if trees is not None:
            trees.cache_clear()

    return forget


def _covers(rule: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Tells whether a rule is about a path or about something that holds it."""
    return len(rule) <= len(path) and all(key in ("*", of) for key, of in zip(rule, path, strict=False))


def _by_class(
    classes: Mapping[str, PrivacyAction] | PrivacyAction | None,
) -> dict[PrivacyClass, PrivacyAction]:
    if isinstance(classes, str):
        action = _action(classes)
        return dict.fromkeys(PrivacyClass, action)
    known = set(PrivacyClass)
    unknown = [name for name in classes or () if name not in known]
    if unknown:
        raise InputError(
            f"Unknown privacy class {unknown[0]!r}.", hint=f"The classes are {', '.join(sorted(known))}."
        )
    return {PrivacyClass(name): _action(action) for name, action in (classes or {}).items()}


def _action(action: str) -> PrivacyAction:
    if action not in ACTIONS:
        raise InputError(
            f"Unknown privacy action {action!r}.", hint=f"The actions are {', '.join(sorted(ACTIONS))}."
        )
    return action  # type: ignore[return-value]
