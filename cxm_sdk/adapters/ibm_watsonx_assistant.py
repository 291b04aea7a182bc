"""IBM watsonx Assistant: what customers and an assistant said to each other, from logs and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.adapters.surveys import ScoringAdapter
from cxm_sdk.events.catalog.chat import (
    LiveChatConversationStarted,
    LiveChatMessageReceived,
    LiveChatMessageSent,
    LiveChatRated,
    LiveChatTransferred,
)

__all__ = ["WatsonxAssistant"]

_USER = "watsonx.{tenant}.user"
_CUSTOMER = "watsonx.{tenant}.customer"
_ANONYMOUS = "anonymous_"
_ACTIONS = {"action_visited": "Visited", "action_finished": "Finished", "action_abandoned": "Abandoned"}
_MADE = (
    *("Live Chat Conversation Started", "Live Chat Message Sent", "Live Chat Message Received"),
    *("Live Chat Transferred", "Live Chat Rated"),
    *(f"Assistant Action {what}" for what in _ACTIONS.values()),
)


class WatsonxAssistant(ScoringAdapter):
    """Reads logs and messages of watsonx Assistant.

    Args:
        questions: Variables of skills in which customers rate the conversation, by name, with what is measured and the
            worst and the best number: ``csat 1..5``.
        tenant: The assistant, for messages, which do not name it.
        timezone: Zone of times that name none.
        received: Time of messages, which name none.
        own: The company's own addresses and domains.
        identifiers: Namespace by path, for variables such as
            ``request.context.skills.actions skill.skill_variables.customer_email``.
        attributes: Role by path.

    Raises:
        AdapterError: An option cannot be used.

    Example:
        >>> log = {"log_id": "l-1", "request": {"input": {"text": "hello"}, "user_id": "u-1"}, "response": {},
        ...        "assistant_id": "a-1", "session_id": "s-1", "request_timestamp": "2026-01-01T00:00:00Z"}
        >>> [event.name for event in WatsonxAssistant().parse(log).events]
        ['Live Chat Message Sent']
    """

    name = "ibm_watsonx_assistant"
    title = "IBM watsonx Assistant"
    about = (
        "Logs of the API v2 (and v1), one row for each turn of a conversation, and answers to messages. The tenant is"
        " the assistant."
    )
    kinds = (
        Kind(
            name="log",
            has=("log_id", "request", "response", "request_timestamp"),
            source="watsonx.{tenant}.log",
            tenant=("assistant_id", "workspace_id"),
            id="log_id",
            times=("request_timestamp",),
            ignored=(
                *(
                    "skill_id",
                    "snapshot",
                    "request.input",
                    "request.context.global",
                    "request.context.integrations",
                ),
                *("request.context.system", "response.context.global", "response.context.integrations"),
                *("response.output", "response.context.system", "response.input", "response.entities"),
                *("request.alternate_intents", "response.alternate_intents", "environment_id"),
            ),
            read="log",
            events=_MADE,
        ),
        Kind(
            name="answer to a message",
            has=("output.generic", "context.global"),
            lacks=("log_id",),
            source="watsonx.{tenant}.log",
            ignored=("output", "context.global", "context.integrations"),
            read="answer",
            events=_MADE[1:],
        ),
    )
    envelopes = ("logs",)
    envelope_ignored = ("pagination",)
    pitfalls = (
        "A user id that begins with `anonymous_` is a browser's, not a person's: it comes out as `anonymous_id`.",
        "`user_id` and `customer_id` are what your application gave: to tie them to the ids of your other systems, say"
        " so with `identifiers={'customer_id': 'user_id'}`, and so with addresses in variables.",
        "There is one row for each turn; `session_id` holds a conversation together and is its `conversation_id`.",
        "The intent of a message is the one with the highest confidence. What was said is left out.",
        "A variable that holds a rating is named in `questions`; as variables stay, each conversation is rated once.",
        "The mock answers of IBM's SDKs have words in place of times: they are rejected.",
        "That somebody's data be deleted is asked of the API, by `customer_id`; nothing in logs says it.",
    )

    def log(self, reading: Reading) -> None:
        """Makes the events of one turn."""
        item = reading.item
        users = ("request.user_id", "response.user_id", "request.context.metadata.user_id")
        self._customer(reading, *users, "request.context.global.system.user_id")
        session = item.id("session_id") or item.id("response.context.conversation_id")
        told = {
            "conversation_id": session,
            "is_bot": True,
            "channel": "chat",
            "language": item.text("language"),
        }
        first = item.raw("request.context.global.system.turn_count") == 1
        started = item.time("request.context.global.system.session_start_time")
        if first and session is not None:
            reading.event(LiveChatConversationStarted, told, key=("started", session), at=started)
        answered = item.time("response_timestamp") or reading.at
        output = item.raw("response.output")
        text = find(item.data, "request.input.text")
        if isinstance(text, str) and text.strip():
            intent = _intent(
                find(item.data, "response.output.intents") or find(item.data, "response.intents")
            )
            sent = {**told, "message_id": reading.id, "intent": intent}
            reading.event(LiveChatMessageSent, sent, key=("sent", reading.id))
        self._answer(reading, output, told, reading.id, answered)
        self._ratings(reading, ("response.context.skills", "request.context.skills"), told, session)

    def answer(self, reading: Reading) -> None:
        """Makes the events of an answer to a message."""
        item = reading.item
        self._customer(reading, "user_id", "context.global.system.user_id")
        session = item.id("context.global.session_id")
        turn = item.id("context.global.system.turn_count")
        told = {"conversation_id": session, "is_bot": True, "channel": "chat"}
        name = f"{session}:{turn}" if session is not None and turn is not None else None
        self._answer(reading, item.raw("output"), told, name, reading.at)
        self._ratings(reading, ("context.skills",), told, session)

    @staticmethod
    def _customer(reading: Reading, *paths: str) -> None:
        item = reading.item
        for path in (*paths, "customer_id"):
            value = item.id(path)
            if value is None:
                continue
            if value.startswith(_ANONYMOUS):
                reading.identify("anonymous_id", value, path)
            else:
                reading.identify(_CUSTOMER if path == "customer_id" else _USER, value, path)

    @staticmethod
    def _answer(
        reading: Reading, output: object, told: Mapping[str, Any], name: str | None, at: datetime | None
    ) -> None:
        """Makes the events of what the assistant said and did."""
        key = (name or at,)
        generic = _objects(find(output, "generic"))
        if any(one.get("response_type") != "connect_to_agent" for one in generic):
            reading.event(
                LiveChatMessageReceived, {**told, "message_id": name}, key=("received", *key), at=at
            )
        for number, event in enumerate(_objects(find(output, "debug.turn_events"))):
            what = _ACTIONS.get(str(event.get("event")))
            if what is not None:
                action = Item(event)
                done = {
                    **told,
                    "action_id": action.id("source.action"),
                    "action_title": action.text("source.action_title"),
                    "reason": action.text("reason"),
                }
                reading.event(f"Assistant Action {what}", done, key=("action", *key, number), at=at)
        if any(one.get("response_type") == "connect_to_agent" for one in generic):
            reading.event(LiveChatTransferred, told, key=("transferred", *key), at=at)

    def _ratings(
        self, reading: Reading, paths: tuple[str, ...], told: Mapping[str, Any], session: str | None
    ) -> None:
        """Makes the event of each rating in the variables of skills; the newest context comes first."""
        for variable, scale in self.questions.items() if session is not None else ():
            for where in _variables(reading.item, paths, variable):
                score = scale.score(reading.item.number(where))
                if score is not None:
                    reading.event(
                        LiveChatRated, {**told, **score.properties()}, key=("rated", session, variable)
                    )
                    break


def _variables(item: Item, paths: tuple[str, ...], name: str) -> Iterator[str]:
    """Where a variable is set."""
    for path in paths:
        skills = find(item.data, path)
        for skill, held in skills.items() if isinstance(skills, dict) else ():
            for kind in ("skill_variables", "user_defined"):
                if find(held, f"{kind}.{name}") is not None:
                    yield f"{path}.{skill}.{kind}.{name}"


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _intent(intents: object) -> str | None:
    """The intent with the highest confidence."""

    def sure(one: Mapping[str, Any]) -> float:
        number = Item(dict(one)).number("confidence")
        return float(number) if number is not None else -1.0

    named = [one for one in _objects(intents) if isinstance(one.get("intent"), str)]
    return max(named, key=sure)["intent"] if named else None
