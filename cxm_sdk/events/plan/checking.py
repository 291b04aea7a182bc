"""Checks events against a tracking plan, and counts what does not fit by rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from cxm_sdk.errors import InputError, MissingExtraError, PlanError
from cxm_sdk.events.consent.rules import CONSENT_EVENTS
from cxm_sdk.events.plan.formats import read_plan
from cxm_sdk.events.plan.model import EVENT_TYPES, MODES, PlanContent, PlanMode, PlannedEvent
from cxm_sdk.events.privacy import PrivacyClass

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

__all__ = ["PlanReport", "RuleCount", "TrackingPlan", "Violation", "shown", "version_order"]

UNKNOWN_EVENT = "unknown_event"
UNKNOWN_PROPERTY = "unknown_property"
NOT_JSON = "json"
MAX_COUNTED = (
    1_000  # distinct rules that are counted one by one; names that are made up at run time share one count
)
_TYPES = frozenset({*EVENT_TYPES, "alias"})
_NAME = re.compile(r"[^\W\d_][\w $./:-]{0,79}")
_DIGITS = re.compile(r"\d{4}")
_HIDDEN = "…"


class Violation(NamedTuple):
    """One way in which an event does not fit the plan. It holds names and rules, never a value of the event.

    Attributes:
        type: The event's type.
        event: The event's name.
        path: What does not fit, such as ``properties.products[].price``; empty for the event as a whole. Names that
            may be values themselves are shown as ``…``.
        rule: The keyword of JSON Schema that is broken, such as ``required``, ``type`` or ``enum``; or
            ``unknown_event``, ``unknown_property``, or ``json`` for what JSON cannot hold.
        expected: What the plan expects, in words.
    """

    type: str
    event: str
    path: str
    rule: str
    expected: str

    def __str__(self) -> str:
        place = f" at {self.path}" if self.path else ""
        return f"{self.event or self.type}{place}: {self.rule}: {self.expected}"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often one rule of a plan was broken at one place.

    Attributes:
        type: The event's type.
        event: The event's name.
        path: What did not fit; empty for the event as a whole.
        rule: The rule that was broken.
        count: How often.
    """

    type: str
    event: str
    path: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What checking has come to so far.

    Attributes:
        plan: The plan's name.
        mode: What becomes of events that do not fit.
        checked: Events checked.
        violating: Events with at least one violation.
        violations: Violations by rule and place, the most frequent first.
    """

    plan: str
    mode: PlanMode
    checked: int
    violating: int
    violations: tuple[RuleCount, ...]

    def to_dict(self) -> dict[str, Any]:
        """Gives the report as JSON would have it."""
        return {**asdict(self), "violations": [asdict(count) for count in self.violations]}


class _Checked(NamedTuple):
    """What events of one type and name are checked with: a validator by version, and the one without a version."""

    versions: Mapping[str, Validator]
    newest: Validator


class TrackingPlan:
    """A tracking plan, ready to check events. It may be used by several threads.

    Args:
        content: What :func:`cxm_sdk.events.plan.formats.read_plan` read.
        mode: What becomes of events that do not fit: ``reject`` drops them, ``quarantine`` keeps them apart,
            ``observe`` delivers them and counts. As the plan says by default, or else ``observe``.

    Raises:
        PlanError: A schema in it is broken, refers to a schema elsewhere, or an event stands twice.
        InputError: The mode is none of the three.
        MissingExtraError: The validator is not installed.
    """

    def __init__(self, content: PlanContent, *, mode: PlanMode | None = None) -> None:
        self.name = content.name
        self.format = content.format
        self.events = content.events
        self.mode: PlanMode = mode or content.mode or "observe"
        if self.mode not in MODES:
            raise InputError(
                f"Unknown mode {self.mode!r} of a tracking plan.", hint=f"The modes are {', '.join(MODES)}."
            )
        self._forbids_unknown = content.forbids_unknown_events
        self._planned = _compiled(content.events)
        # Pages and screens are strangers only to a plan that has some.
        self._named_types = {"track", *(kind for kind, _ in self._planned)} - {"identify", "group"}
        self._common = _validator(content.common, "the rules for all events") if content.common else None
        self._classes: dict[tuple[str, str], dict[str, PrivacyClass]] = {}
        for event in content.events:
            self._classes.setdefault((event.type, event.name), {}).update(event.privacy_fields())
        self._lock = Lock()
        self._checked = self._violating = 0
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    @classmethod
    def load(cls, path: str | Path, *, mode: PlanMode | None = None) -> TrackingPlan:
        """Loads a plan from a file.

        Args:
            path: A YAML or JSON file in this package's format, the JSON of Segment Protocols, or Avo's JSON Schema.
            mode: What becomes of events that do not fit; as the plan says by default, or else ``observe``.

        Returns:
            The plan.

        Raises:
            PlanError: The file cannot be read, or holds no plan that could be used.
            MissingExtraError: ``cxm-sdk[plan]`` is not installed.

        Example:
            >>> from pathlib import Path
            >>> _ = Path("plan.yaml").write_text('''
            ... plan: Shop
            ... events:
            ...   - name: Order Completed
            ...     properties:
            ...       order_id: {type: string, required: true}
            ... ''')
            >>> plan = TrackingPlan.load("plan.yaml")
            >>> [str(violation) for violation in plan.check({"type": "track", "event": "Order Completed"})]
            ['Order Completed at properties.order_id: required: must be there']
        """
        return cls(read_plan(path), mode=mode)

    def check(self, event: Mapping[str, Any]) -> list[Violation]:
        """Checks one event and counts its violations.

        Args:
            event: An event in its wire form; it is not changed.

        Returns:
            Its violations; none when it fits.
        """
        kind, name = _identity(event)
        found: list[Violation] = []
        view = {
            "context": event.get("context") or {},
            "traits": event.get("traits") or {},
            "properties": event.get("properties") or {},
        }
        planned = self._planned.get((kind, name))
        if planned is None:
            planned = self._planned.get((kind, ""))
            kind, name = kind if kind in _TYPES else shown(kind), shown(name)
        if planned is not None:
            validator = planned.versions.get(_version(event), planned.newest)
            found.extend(_violations(kind, name, validator, view))
        elif self._forbids_unknown and kind in self._named_types and name not in CONSENT_EVENTS:
            found.append(Violation(kind, name, "", UNKNOWN_EVENT, "must be named in the plan"))
        if self._common is not None:
            found.extend(_violations(kind, name, self._common, view))
        self._count(found)
        return found

    def forked(self) -> None:
        """Begins anew in a forked child: another thread of the parent may have been counting."""
        self._lock = Lock()

    def stamped(self, event: Mapping[str, Any], violations: list[Violation]) -> dict[str, Any]:
        """Marks an event with what does not fit, for whoever gets it delivered or quarantined.

        Args:
            event: An event in its wire form; it is not changed.
            violations: What :meth:`check` found.

        Returns:
            The event with ``context.trackingPlan``: the plan's name, whether the event is quarantined, and the path
            and rule of each violation.
        """
        mark = {
            "name": self.name,
            "quarantined": self.mode == "quarantine",
            "violations": [{"path": violation.path, "rule": violation.rule} for violation in violations],
        }
        return {**event, "context": {**(event.get("context") or {}), "trackingPlan": mark}}

    def report(self) -> PlanReport:
        """Tells what checking has come to so far.

        Returns:
            Counts by rule, without any value of an event.
        """
        with self._lock:
            counts = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
            rules = tuple(RuleCount(*key, count) for key, count in counts)
            return PlanReport(self.name, self.mode, self._checked, self._violating, rules)

    def privacy_fields(self, event_type: str, name: str) -> Mapping[str, PrivacyClass]:
        """Gives the fields of an event to which the plan gives a privacy class.

        Args:
            event_type: The event's type.
            name: Its name; empty for identify and group.

        Returns:
            Classes by path inside the event's properties or traits.
        """
        return self._classes.get((event_type, name)) or self._classes.get((event_type, "")) or {}

    def _count(self, found: list[Violation]) -> None:
        with self._lock:
            self._checked += 1
            if found:
                self._violating += 1
            for violation in found:
                key = (violation.type, violation.event, violation.path, violation.rule)
                if key not in self._counts and len(self._counts) >= MAX_COUNTED:
                    key = (violation.type, _HIDDEN, "", violation.rule)
                self._counts[key] += 1


def _identity(event: Mapping[str, Any]) -> tuple[str, str]:
    kind = event.get("type")
    name = "" if kind in ("identify", "group") else event.get("event" if kind == "track" else "name")
    return kind if isinstance(kind, str) else "", name if isinstance(name, str) else ""


def _version(event: Mapping[str, Any]) -> str:
    """The version an event says it has: as Segment writes it, or in its schema; empty when it says none."""
    context = event.get("context")
    if not isinstance(context, Mapping):
        return ""
    protocols = context.get("protocols")
    if isinstance(protocols, Mapping) and "event_version" in protocols:
        return _plain(str(protocols["event_version"]))
    schema = context.get("schema")
    return _plain(schema.rpartition("/")[2]) if isinstance(schema, str) else ""


def _compiled(events: tuple[PlannedEvent, ...]) -> dict[tuple[str, str], _Checked]:
    versions: dict[tuple[str, str], dict[str, PlannedEvent]] = {}
    for event in events:
        known = versions.setdefault((event.type, event.name), {})
        version = _plain(event.version)
        if version in known:
            raise PlanError(
                f"The plan has {event.name or event.type!r} twice in one version.",
                hint="Give each its own version.",
            )
        known[version] = event
    compiled = {}
    for key, known in versions.items():
        validators = {
            version: _validator(event.schema, repr(key[1] or key[0])) for version, event in known.items()
        }
        compiled[key] = _Checked(validators, validators[max(validators, key=version_order)])
    return compiled


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """Orders the versions of an event by their numbers.

    Args:
        version: As a plan writes it.

    Returns:
        What sorts it; a version without numbers comes first.

    Example:
        >>> sorted(["10", "2", "", "1-0-0"], key=version_order)
        ['', '1-0-0', '2', '10']
    """
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"[.-]", version))


def _plain(version: str) -> str:
    """Writes 2 and 2-0-0 alike."""
    return version.removesuffix("-0").removesuffix("-0")


def _validator(schema: Mapping[str, Any], of: str) -> Validator:
    try:
        import jsonschema_rs
    except ModuleNotFoundError:
        raise MissingExtraError.for_package("jsonschema_rs", "plan") from None
    try:
        # A schema elsewhere is never fetched: checking must not depend on a network.
        return jsonschema_rs.validator_for(dict(schema), validate_formats=True, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise PlanError(f"The schema of {of} in the plan cannot be used: {reason}.") from None


def _violations(event_type: str, name: str, validator: Validator, view: Mapping[str, Any]) -> list[Violation]:
    """Checks what an event holds against one schema."""
    try:
        if validator.is_valid(view):
            return []
        errors = list(validator.iter_errors(view))
    except Exception:  # whatever was put in, it is nothing that JSON Schema could be about
        return [Violation(event_type, name, "", NOT_JSON, "must hold what JSON can hold")]
    return [Violation(event_type, name, *broken) for error in errors for broken in _broken(error)]


def _broken(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    """The path, rule and expectation of each violation in an error: several, where keys are not planned."""
    rule = error.kind.name
    path = ["[]" if isinstance(key, int) else shown(key) for key in error.instance_path]
    kind: Any = error.kind
    if rule == "required":
        yield _joined([*path, shown(kind.property)]), rule, "must be there"
    elif rule in ("additionalProperties", "unevaluatedProperties"):
        for key in sorted(kind.unexpected):
            yield _joined([*path, shown(key)]), UNKNOWN_PROPERTY, "must be named in the plan"
    else:
        yield _joined(path), rule, _expectation(rule, kind)


def _expectation(rule: str, kind: Any) -> str:
    """Says in words what the plan expects, from the plan alone."""
    if rule == "type":
        return f"must be {' or '.join(kind.types)}"
    if rule == "enum":
        return f"must be one of {len(kind.options)} planned values"
    for word in ("limit", "format", "pattern", "multiple_of"):
        limit = getattr(kind, word, None)
        if limit is not None:
            return f"must have {rule} {limit}"
    return f"must fit {rule}"


def _joined(path: list[str]) -> str:
    return "".join(key if key == "[]" else f".{key}" for key in path).removeprefix(".")


@lru_cache(4096)
def shown(name: str) -> str:
    """Shows a name that came with an event, unless it may be a value that was used as a name.

    Args:
        name: The name of an event or a property.

    Returns:
        The name; ``…`` when it is long, has an ``@`` or other marks, or four digits in a row.

    Example:
        >>> shown("Order Completed"), shown("ada@example.com"), shown("Order 20731 viewed")
        ('Order Completed', '…', '…')
    """
    return name if not name or (_NAME.fullmatch(name) and not _DIGITS.search(name)) else _HIDDEN
