"""Takes personal data out of one event, along a tree of actions grown once for all events of a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxm_sdk.events.identifiers import canonical_email, canonical_phone, hashed

if TYPE_CHECKING:
    from cxm_sdk.events.privacy_rules import PrivacyAction

__all__ = ["ENVELOPE_IDS", "Node", "grown", "hashed_value", "rewritten"]

# Ids that route an event. One without them could not be delivered, so they are kept or hashed where they stand.
ENVELOPE_IDS = ("userId", "anonymousId", "previousId", "groupId")

MASK = "***"
_GONE: Any = object()  # what takes the place of a value that is dropped
_PHONE_NAMES = ("phone", "mobile", "phonenumber", "phone_number")


class Node:
    """What to do with a value and with what it holds.

    Attributes:
        action: What to do with the value; None when only parts of it are named.
        children: Nodes of its keys; that of list items stands under ``[]``.
        rest: Node of the keys that are not named; None when nothing is done to them.
    """

    __slots__ = ("action", "children", "rest")

    def __init__(self) -> None:
        self.action: PrivacyAction | None = None
        self.children: dict[str, Node] = {}
        self.rest: Node | None = None


def grown(actions: Mapping[tuple[str, ...], PrivacyAction]) -> Node:
    """Grows the tree of actions.

    Args:
        actions: Actions by keys from the top; ``*`` is any key, ``[]`` any item of a list.

    Returns:
        The root.
    """
    root = Node()
    for path, action in actions.items():
        node = root
        for key in path:
            if key == "*":
                node.rest = node = node.rest or Node()
            else:
                node = node.children.setdefault(key, Node())
        node.action = action
    _settle(root, acting=False)
    return root


def _settle(node: Node, *, acting: bool) -> None:
    """Hands what is said of any key down to the named ones, and cuts off branches in which nothing is done."""
    acting = node.action not in (None, "keep") or (acting and node.action is None)
    rest = node.rest
    if rest is not None:
        for child in node.children.values():
            _merge(child, rest)
        _settle(rest, acting=acting)
    for child in node.children.values():
        _settle(child, acting=acting)
    if not acting and rest is None:
        node.children = {key: child for key, child in node.children.items() if not _idle(child)}
    items = node.children.get("[]")
    if items is not None and node.action is None and len(node.children) == 1 and _is_leaf(items):
        node.action = items.action  # what is done to every item is done to the list
        node.children = {}


def _merge(node: Node, other: Node) -> None:
    if node.action is None:
        node.action = other.action
    for key, child in other.children.items():
        _merge(node.children.setdefault(key, Node()), child)
    if other.rest is not None:
        node.rest = node.rest or Node()
        _merge(node.rest, other.rest)


def _is_leaf(node: Node) -> bool:
    return not node.children and node.rest is None


def _idle(node: Node) -> bool:
    return node.action in (None, "keep") and _is_leaf(node)


def rewritten(
    value: Mapping[str, Any], node: Node, inherited: PrivacyAction | None = None
) -> Mapping[str, Any]:
    """Takes personal data out of an event, or of a mapping in one.

    Args:
        value: The event in its wire form; it is not changed.
        node: What to do with it.
        inherited: What to do with keys that no node is about.

    Returns:
        The event without the data; the same object when there was nothing to do.
    """
    if node.rest is None and inherited is None:
        # the quick way: only the keys that are named, and no copy before something changes
        if node.children.keys().isdisjoint(value):
            return value
        keys: Any = [key for key in node.children if key in value]
    else:
        keys = list(value)
    copy: dict[str, Any] | None = None
    for key in keys:
        old = value[key]
        child = node.children.get(key) or node.rest
        plain = child is not None and inherited is None and child.action is None and child.rest is None
        if plain and child and type(old) is dict and "[]" not in child.children:
            name, new = key, rewritten(old, child)
        else:
            name, new = _replaced(key, old, child, inherited)
        if new is old and name == key:
            continue
        if copy is None:
            copy = dict(value)
        del copy[key]
        if new is not _GONE:
            copy[name] = new
    return value if copy is None else copy


def _replaced(key: str, value: Any, node: Node | None, inherited: PrivacyAction | None) -> tuple[str, Any]:
    """Gives the name and the value that take the place of a key and its value."""
    action = inherited if node is None or node.action is None else node.action
    if action == "keep":
        action = None
    if node is not None and (node.children or node.rest is not None):
        if isinstance(value, Mapping):
            return key, rewritten(value, _of_items(node) if "[]" in node.children else node, action)
        if isinstance(value, (list, tuple)):
            return key, _items(key, value, _of_items(node), action)
    if action is None:
        return key, value
    if action == "drop":
        return key, _GONE
    if action == "mask":
        return key, MASK if isinstance(value, str) else None
    return key if key in ENVELOPE_IDS else f"{key}_sha256", hashed_value(key, value)


def _of_items(node: Node) -> Node:
    """What to do with the items of a list: what is said of them, or of the keys of a single one."""
    return node.children.get("[]") or node


def _items(key: str, value: Any, node: Node, inherited: PrivacyAction | None) -> Any:
    changed = [_replaced(key, item, node, inherited)[1] for item in value]
    if all(new is old for new, old in zip(changed, value, strict=True)):
        return value
    return [item for item in changed if item is not _GONE]


def hashed_value(name: str, value: Any) -> Any:
    """Hashes what a field holds.

    Args:
        name: The field's name; one that ends in ``email`` or ``phone`` says what the value is.
        value: Its value. Items of a list are hashed one by one, a mapping as a whole.

    Returns:
        SHA-256 in hex: of the canonical address or number, or else of the trimmed text. What is no address or number
        though the field is one for them, what is empty and what is no text at all leaves nothing.

    Example:
        >>> hashed_value("email", "Ada@Example.com") == hashed_value("recipient", " ada@example.com")
        True
    """
    if isinstance(value, (list, tuple)):
        return [item for item in (hashed_value(name, entry) for entry in value) if item is not _GONE]
    if value is None or isinstance(value, bool):
        return _GONE
    if isinstance(value, Mapping):
        try:
            text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError):
            return _GONE  # not JSON: nothing that could be joined
        return hashed(text)
    text = str(value).strip()
    lower = name.lower()
    canonical: str | None
    if lower.endswith("email"):
        canonical = canonical_email(text)
    elif lower.endswith(_PHONE_NAMES):
        canonical = canonical_phone(text)
    else:
        canonical = (canonical_email(text) if "@" in text else None) or text
    return hashed(canonical) if canonical else _GONE
