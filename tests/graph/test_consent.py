"""What people allow, in whatever form it was said."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_sdk import Client, ProfileGraph
from cxm_sdk.events import ConsentUpdated

LOGIN = {"type": "identify", "userId": "u-1", "messageId": "i", "timestamp": "2026-01-01T00:00:00Z"}
AGREED = {**LOGIN, "context": {"consent": {"categoryPreferences": {"ads": True, "mail": True}}}}


def updated(day: int, preferences: dict[str, bool], **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Consent Updated",
        "userId": "u-1",
        "messageId": f"c-{day}",
        "timestamp": f"2026-01-{day:02}T00:00:00Z",
        "properties": {"category_preferences": preferences, **more},
    }


def test_the_event_of_the_catalogue_takes_consent_back() -> None:
    with ProfileGraph(":memory:") as graph, Client(graph, strict=True) as client:
        client.identify("u-1", context={"consent": {"categoryPreferences": {"ads": True}}})
        told = {"consent_id": "c-1", "policy_version": "1", "method": "form"}
        client.track(ConsentUpdated(category_preferences={"ads": False, "mail": True}, **told), user_id="u-1")
        client.flush()
        assert graph.profile("user_id", "u-1").consent == {"ads": False, "mail": True}


def test_of_two_calls_at_once_the_latter_is_the_last_word() -> None:
    with ProfileGraph(":memory:") as graph, Client(graph) as client:
        for number in range(200):
            for said in (number % 2 == 0, number % 2 == 1):
                client.identify(
                    f"u-{number}", {"said": said}, context={"consent": {"categoryPreferences": {"ads": said}}}
                )
        client.flush()
        for number in range(200):
            profile = graph.profile("user_id", f"u-{number}")
            assert profile.consent == {"ads": number % 2 == 1}
            assert profile.traits["said"] == (number % 2 == 1)


def test_of_two_words_at_one_time_the_refusal_holds() -> None:
    with ProfileGraph(":memory:") as graph:
        for number in range(20):
            user = f"u-{number}"
            graph.ingest([{**LOGIN, "userId": user, "messageId": f"l-{number}"}])
            for allowed in (True, False):
                graph.ingest(
                    {**updated(2, {"ads": allowed}), "userId": user, "messageId": f"{allowed}-{number}"}
                )
            assert graph.profile("user_id", user).consent == {"ads": False}


@pytest.mark.parametrize("turn", [1, -1])
def test_the_last_word_holds_in_whatever_order_it_comes(turn: int) -> None:
    items = [AGREED, updated(2, {"ads": False}), updated(3, {"mail": False}), updated(4, {"mail": True})]
    with ProfileGraph(":memory:") as graph:
        for item in items[::turn]:
            graph.ingest(item)
        assert graph.profile("user_id", "u-1").consent == {"ads": False, "mail": True}


def test_consent_ends_when_it_was_said_to_and_a_refusal_does_not() -> None:
    items = [LOGIN, updated(2, {"ads": True, "mail": False}, expires_at="2026-01-10T00:00:00Z")]
    with ProfileGraph(":memory:") as graph:
        graph.ingest(items)
        assert graph.profile("user_id", "u-1").consent == {"mail": False}
        with graph.as_of("2026-01-05") as past:
            assert past.profile("user_id", "u-1").consent == {"ads": True, "mail": False}


def test_what_is_no_end_is_none() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest([LOGIN, updated(2, {"ads": True}, expires_at="some day")])
        assert graph.profile("user_id", "u-1").consent == {"ads": True}
