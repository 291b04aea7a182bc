"""Web events of a published set, stitched: as its own rule does it, or better, and every difference is listed.

Their rule: of each browser the last user who was seen takes everything that ever happened on it.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk.errors import UnknownProfileError
from cxm_sdk.graph import ProfileGraph

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "snowplow_web_events"
PURPOSES = ("necessary", "preferences", "statistics", "marketing")
CONSENT = "unstruct_event_com_snowplowanalytics_snowplow_consent_preferences_1_0_0"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the set lies beside the project and is not there")

Row = dict[str, str]
Owners = dict[str, str | None]


@cache
def rows(name: str) -> list[Row]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def time(row: Row) -> str:
    return row["derived_tstamp"] or row["collector_tstamp"]


def event(row: Row, user: str | None) -> dict[str, Any]:
    """What a browser of the Segment family would have sent."""
    kind = "page" if row["event_name"] == "page_view" else "track"
    sent: dict[str, Any] = {"type": kind, "messageId": row["event_id"], "timestamp": time(row)}
    sent |= {"anonymousId": row["domain_userid"]} if row["domain_userid"] else {}
    sent |= {"userId": user} if user else {}
    for said in json.loads(row[CONSENT] or "[]"):
        allowed = {purpose: purpose in said["consent_scopes"] for purpose in PURPOSES}
        sent["context"] = {"consent": {"categoryPreferences": allowed}}
    return sent


def stitched(users: Callable[[Row], str | None], seed: int = 0) -> ProfileGraph:
    """A graph of all events, which come in any order."""
    sent = [event(row, users(row)) for row in rows("events")]
    random.Random(seed).shuffle(sent)
    graph = ProfileGraph(":memory:")
    for start in range(0, len(sent), 16):
        assert graph.ingest(sent[start : start + 16]).rejected == []
    return graph


def owners(graph: ProfileGraph) -> Owners:
    """The user that each event belongs to, by event id."""
    found: Owners = dict.fromkeys(row["event_id"] for row in rows("events"))
    for key in graph.store.all_profiles():
        profile = graph.profile(key.hex())
        (user,) = (held.value for held in profile.identifiers if held.namespace == "user_id")
        found |= {entry.id: user for entry in profile.timeline(limit=None)}
    return found


def by_last_login(users: Callable[[Row], str | None]) -> Owners:
    """What their rule makes of all events."""
    last: dict[str, str] = {}
    for row in sorted(rows("events"), key=time):
        if row["domain_userid"] and (user := users(row)):
            last[row["domain_userid"]] = user
    return {row["event_id"]: last.get(row["domain_userid"]) for row in rows("events")}


def told(row: Row) -> str | None:
    return row["user_id"] or None


def at_one_end(which: Callable[..., Row]) -> Callable[[Row], str | None]:
    """Users who are logged in at one event of their browser only, the first or the last."""
    chosen = {
        browser: which((row for row in rows("events") if row["domain_userid"] == browser), key=time)[
            "event_id"
        ]
        for browser in {row["domain_userid"] for row in rows("events")}
    }
    return lambda row: told(row) if chosen[row["domain_userid"]] == row["event_id"] else None


def differences(ours: Owners, theirs: Owners) -> set[tuple[str | None, str | None]]:
    return {(ours[event], theirs[event]) for event in theirs if ours[event] != theirs[event]}


#: A browser on which ten users log in one after the other: what each did stays with them. Their rule gives it all to
#: the tenth.
ONE_BROWSER = [f"user stitch - session: {'1st' if n < 3 else '2nd'} id: {n}" for n in range(1, 11)]
TEN_USERS = {(user, ONE_BROWSER[-1]) for user in ONE_BROWSER[:-1]}
#: A user without a browser id is somebody. Their rule goes by browser, and knows nobody there.
NO_BROWSER = {("NULL domain_userid", None)}


@pytest.mark.parametrize("seed", range(3))
def test_every_event_of_a_user_is_theirs(seed: int) -> None:
    with stitched(told, seed) as graph:
        found = owners(graph)
        assert found == {row["event_id"]: row["user_id"] for row in rows("events")}
        assert differences(found, by_last_login(told)) == TEN_USERS | NO_BROWSER
        assert graph.health().contradicted == 0


def test_page_views_and_sessions_are_stitched_as_expected_or_better() -> None:
    with stitched(told) as graph:
        found = owners(graph)
    views = {row["event_id"]: row["stitched_user_id"] or None for row in rows("expected_page_views")}
    assert len(views) == len(rows("expected_page_views"))
    assert views.keys() <= found.keys()
    seen = {ours for ours in TEN_USERS if ours[0] in {found[event] for event in views}}
    assert differences(found, views) == seen | NO_BROWSER

    sessions = {row["domain_sessionid"]: row["stitched_user_id"] or None for row in rows("expected_sessions")}
    ours: dict[str, set[str | None]] = {}
    for row in rows("events"):
        ours.setdefault(row["domain_sessionid"], set()).add(found[row["event_id"]])
    several = {session for session in sessions if len(ours[session]) > 1}
    stitch = {row["domain_sessionid"] for row in rows("events") if row["user_id"].startswith("user stitch")}
    assert several == stitch
    alone: dict[str, str | None] = {
        session: next(iter(ours[session])) for session in sessions.keys() - several
    }
    assert differences(alone, {session: sessions[session] for session in alone}) == NO_BROWSER


def test_users_are_those_expected_and_those_that_their_rule_cannot_tell_apart_or_see() -> None:
    with stitched(told) as graph:
        people = {name for name in owners(graph).values() if name}
        expected = {row["user_id"] for row in rows("expected_users")}
        assert expected <= people
        unseen = {
            # Theirs are users who viewed a page in a whole session, with a browser id.
            *("consent_accel", "NULL domain_userid", "NULL domain_sessionid", "NULL page_view_id"),
            "late arriving: device created/sent >3 days",
        }
        assert people - expected == unseen | set(ONE_BROWSER[1:])
        browsers = {
            one.value for one in graph.profile("user_id", "Rotating domain_userid per session").devices
        }
        assert browsers == {
            row["domain_userid"] for row in rows("events") if row["user_id"].startswith("Rotating")
        }


def test_what_a_browser_did_before_anybody_logged_in_is_theirs_who_did() -> None:
    users = at_one_end(max)
    with stitched(users) as graph:
        # On each browser somebody logs in at the very end: here their rule and ours are one.
        assert differences(owners(graph), by_last_login(users)) == NO_BROWSER


def test_a_browser_is_nobodys_when_a_month_has_passed() -> None:
    users = at_one_end(min)
    with stitched(users) as graph:
        found, theirs = owners(graph), by_last_login(users)
        assert differences(found, theirs) == {(None, "Unexpired session")} | NO_BROWSER
        first, late = sorted(row_times("Unexpired session"))
        assert late - first > timedelta(days=200)
        browser = next(
            row["domain_userid"] for row in rows("events") if row["user_id"] == "Unexpired session"
        )
        with graph.as_of("2020-07-10") as past:
            assert past.profile("anonymous_id", browser)
        with graph.as_of("2020-12-01") as past, pytest.raises(UnknownProfileError):
            past.profile("anonymous_id", browser)


def row_times(user: str) -> Iterator[datetime]:
    return (datetime.fromisoformat(time(row)) for row in rows("events") if row["user_id"] == user)


def test_consent_is_the_last_word_of_each_person() -> None:
    expected = {
        row["domain_userid"]: set(row["last_consent_scopes"].split(", "))
        for row in rows("expected_consent_users")
        if row["last_consent_event_tstamp"]
    }
    # Theirs is one for each browser, so here each browser is a person.
    with stitched(lambda row: row["domain_userid"] or told(row)) as graph:
        found = {browser: graph.profile("user_id", browser).consent for browser in expected}
    assert {browser: {p for p in PURPOSES if said[p]} for browser, said in found.items()} == expected
    # As it is, one user is on all of those browsers, and what they said last counts on each.
    latest = max(rows("expected_consent_users"), key=lambda row: row["last_consent_event_tstamp"])
    with stitched(told) as graph:
        said = graph.profile("user_id", "consent_accel").consent
    assert {purpose for purpose in PURPOSES if said[purpose]} == set(
        latest["last_consent_scopes"].split(", ")
    )
