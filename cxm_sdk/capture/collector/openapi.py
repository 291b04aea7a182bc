"""The collector's interface in the words of OpenAPI 3.1; served at ``/openapi.json``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from cxm_sdk.capture.batch import BATCH_EVENTS
from cxm_sdk.capture.collector.calls import CALLS, LONGEST_ID
from cxm_sdk.capture.collector.routes import PARTS

__all__ = ["description"]

_LARGEST: Final = 2**53  # of whole numbers that every JSON reader takes exactly
_ID: Final = {"type": ["string", "integer", "null"], "maximum": _LARGEST, "minimum": -_LARGEST}
_GIVEN: Final = {"type": ["string", "integer"], "minLength": 1, "maximum": _LARGEST, "minimum": -_LARGEST}
_OBJECT: Final = {"type": ["object", "null"]}
_TEXT: Final = {"type": ["string", "null"]}
_TIME: Final = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "RFC 3339; without a zone it is UTC.",
}

_REQUIRED: Final = {
    "track": {"required": ["event"], "properties": {"event": {"type": "string", "minLength": 1}}},
    "group": {"required": ["groupId"], "properties": {"groupId": _GIVEN}},
    "alias": {"required": ["previousId", "userId"], "properties": {"previousId": _GIVEN, "userId": _GIVEN}},
}
"""What a call needs besides somebody's id."""

_NEEDS: Final = {
    "track": "`event`, its name",
    "identify": "nothing more; `traits` of the context lie under those of the event",
    "page": "nothing more",
    "screen": "nothing more",
    "group": "`groupId`",
    "alias": "`previousId` and `userId`",
}

_REFUSALS: Final = {
    "400": "It cannot be read, or the event is not as it must be.",
    "401": "No key was given, or there is none such.",
    "403": "The key does not let pages of this origin in.",
    "408": "The body did not come in time.",
    "413": "The body is too long, or holds too many events.",
    "415": "It is compressed in a way that is not known.",
    "429": "The source sends more than it may; `Retry-After` says when it may again.",
    "503": "Nothing can be stored at the moment; `Retry-After` says when to try again.",
}


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Describes every path.

    Returns:
        An OpenAPI document.

    Example:
        >>> sorted(description()["paths"])[:2]
        ['/api/s/alias', '/api/s/group']
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cxm collector",
            "version": "1",
            "description": "Takes events from the SDKs of Segment, RudderStack and Jitsu.",
        },
        "paths": {**_event_paths(), **_setting_paths(), **_profile_paths(), **_other_paths()},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "writeKey": {"type": "http", "scheme": "basic", "description": "The write key is the user."},
                "writeKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
                "writeKeyQuery": {"type": "apiKey", "in": "query", "name": "writeKey"},
                "readKey": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(schema: dict[str, Any], *refusals: str, **words: str) -> dict[str, Any]:
    """What comes back: one form when all is well, one for every refusal."""
    well = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    return {"200": well} | {
        status: {
            "description": words.get(f"s{status}") or _REFUSALS[status],
            "content": {"application/json": {"schema": _ref("Refusal")}},
        }
        for status in refusals
    }


def _writing(summary: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "post": {
            "summary": summary,
            "security": [{"writeKey": []}, {"writeKeyHeader": []}, {"writeKeyQuery": []}, {}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": _answers(_ref("Taken"), *_REFUSALS),
        }
    }


def _event_paths() -> dict[str, Any]:
    paths = {}
    for call in CALLS:
        paths[f"/v1/{call}"] = _writing(
            f"Takes one {call} event; it needs {_NEEDS[call]}.", _ref(call.capitalize())
        )
        for path in (f"/v1/{call[0]}", f"/api/s/{call}", f"/api/s/s2s/{call}"):
            paths[path] = _writing(f"Takes one {call} event too.", _ref(call.capitalize()))
    for name in ("batch", "b", "import"):
        paths[f"/v1/{name}"] = _writing("Takes events, and says of each what became of it.", _ref("Batch"))
    paths["/beacon/v1/batch"] = _writing("The same for `navigator.sendBeacon`.", _ref("Batch"))
    return paths


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **schema}}


def _setting_paths() -> dict[str, Any]:
    answers = _answers({"type": "object"}, "400", "401", "403", "503", s400="The query cannot be read.")
    return {
        "/v1/projects/{writeKey}/settings": {
            "parameters": [_in_path("writeKey", {"minLength": 1})],
            "get": {
                "summary": "What Segment's browser SDK loads first.",
                "responses": answers | {"404": _missing("There is no such path.")},
            },
        },
        "/sourceConfig/": {
            "get": {
                "summary": "What RudderStack's browser SDK loads first.",
                "security": [{"writeKey": []}, {"writeKeyQuery": []}],
                "responses": answers,
            }
        },
    }


def _missing(words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": _ref("Refusal")}}}


def _profile_paths() -> dict[str, Any]:
    paths = {}
    for part in ("", *PARTS):
        path = "/v1/profiles/{namespace}/{value}" + (f"/{part}" if part else "")
        parameters = [_in_path("namespace", {"minLength": 1}), _in_path("value", {"minLength": 1})]
        if part == "timeline":
            limit = {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 100}
            parameters.append({"name": "limit", "in": "query", "schema": limit})
        answers = _answers(
            {"type": "object"}, "400", "401", "503", s400="There is no such namespace, or value in it."
        )
        paths[path] = {
            "parameters": parameters,
            "get": {
                "summary": f"The {part or 'profile'} of who has an identifier.",
                "description": "Off unless profiles and a secret are configured. No page may ask.",
                "security": [{"readKey": []}],
                "responses": answers
                | {"404": _missing("Nobody has it, several people share it, or this is off.")},
            },
        }
    return paths


def _other_paths() -> dict[str, Any]:
    text = {
        "200": {
            "description": "Text for Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    }
    status = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    unready = {"description": "Nothing can be stored.", "content": {"application/json": {"schema": status}}}
    body = {"required": True, "content": {"application/json": {"schema": {}}}}
    refused = _answers(
        _ref("Taken"),
        *(code for code in _REFUSALS if code not in ("403", "415", "429")),
        s401="It is not signed.",
    )
    return {
        "/v1/webhooks/{name}": {
            "parameters": [_in_path("name", {"minLength": 1})],
            "post": {
                "summary": "Takes what a source system delivers, signed as that system signs.",
                "requestBody": body,
                "responses": refused | {"404": _missing("There is no webhook of this name.")},
            },
        },
        "/v1/m": {
            "post": {
                "summary": "What Segment's browser SDK counts of itself; ignored.",
                "requestBody": body,
                "responses": _answers({"type": "object"}, "400", "408", "413", "503"),
            }
        },
        "/healthz": {"get": {"summary": "Whether the process is alive.", "responses": _answers(status)}},
        "/readyz": {
            "get": {
                "summary": "Whether events can be stored.",
                "responses": {**_answers(status), "503": unready},
            }
        },
        "/metrics": {"get": {"summary": "Counts.", "responses": text}},
        "/openapi.json": {"get": {"summary": "This description.", "responses": _answers({"type": "object"})}},
    }


def _schemas() -> dict[str, Any]:
    result = {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"enum": ["accepted", "duplicate", "invalid", "held", "dropped"]},
            "reason": {"type": "string", "description": "Stable name of what is wrong."},
            "detail": {"type": "string", "description": "What was expected; never a value of the event."},
        },
    }
    event = {
        "type": "object",
        "anyOf": [
            {"required": ["userId"], "properties": {"userId": _GIVEN}},
            {"required": ["anonymousId"], "properties": {"anonymousId": _GIVEN}},
        ],
        "properties": {
            **dict.fromkeys(("userId", "anonymousId", "groupId", "previousId"), _ID),
            **dict.fromkeys(("timestamp", "originalTimestamp"), _TIME),
            **dict.fromkeys(("properties", "traits", "context", "integrations"), _OBJECT),
            **dict.fromkeys(("event", "name", "category"), _TEXT),
            "messageId": {"maxLength": LONGEST_ID, "description": "Made where it is no text."},
            "sentAt": {"description": "RFC 3339, in UTC without a zone; anything else is ignored."},
            "writeKey": {"description": "The key, where no header and no query has it."},
        },
    }
    return {
        "Event": event,
        **{call.capitalize(): {"allOf": [_ref("Event"), _REQUIRED.get(call, {})]} for call in CALLS},
        "Batch": {
            "type": "object",
            "required": ["batch"],
            "properties": {
                "batch": {
                    "type": "array",
                    "maxItems": BATCH_EVENTS,
                    "items": {"description": "An Event with its `type`; each is answered by itself."},
                },
                "sentAt": {"description": "RFC 3339, in UTC without a zone; anything else is ignored."},
                "writeKey": {"description": "The key, where no header and no query has it."},
                "context": {"description": "An object that lies under the context of each event."},
                "integrations": {"description": "An object that lies under the integrations of each event."},
            },
        },
        "Result": result,
        "Taken": {
            "type": "object",
            "required": ["success", "results"],
            "properties": {
                "success": {"const": True},
                "results": {"type": "array", "items": _ref("Result")},
            },
        },
        "Refusal": {
            "type": "object",
            "required": ["success", "code", "message", "detail"],
            "properties": {
                "success": {"const": False},
                **{name: {"type": "string"} for name in ("code", "message", "detail")},
            },
        },
    }
