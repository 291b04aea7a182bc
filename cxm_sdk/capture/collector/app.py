"""The collector: an ASGI application that takes events from the SDKs that people already have."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json import dumps
from time import monotonic, perf_counter
from typing import Any, Final
from urllib.parse import parse_qs

from cxm_sdk.capture import lifetime
from cxm_sdk.capture.batch import Sink
from cxm_sdk.capture.collector.agreed import Agreed
from cxm_sdk.capture.collector.asked import Profiles, Webhook
from cxm_sdk.capture.collector.bodies import BODY_BYTES, KEYLESS_BYTES, Room, inflated, read_body
from cxm_sdk.capture.collector.calls import arrived
from cxm_sdk.capture.collector.cors import Origins, origin_headers
from cxm_sdk.capture.collector.keys import ReadKey, WriteKey, find, presented
from cxm_sdk.capture.collector.metrics import Metrics
from cxm_sdk.capture.collector.rates import Bucket
from cxm_sdk.capture.collector.reception import ACCEPTED, Reception, Result
from cxm_sdk.capture.collector.replies import (
    Receive,
    RefusedError,
    Reply,
    Scope,
    Send,
    json_reply,
    refusal,
    send_reply,
)
from cxm_sdk.capture.collector.routes import Route, path_of, route
from cxm_sdk.capture.collector.seen import Seen
from cxm_sdk.capture.collector.settings import address, segment_settings, source_config
from cxm_sdk.capture.delivery import Delivery
from cxm_sdk.capture.houses import default_folder, destination_folder
from cxm_sdk.capture.ledger import Stats
from cxm_sdk.capture.policy import Policy
from cxm_sdk.capture.wiring import backlog_of, consent_gate, identity_of, one_of
from cxm_sdk.errors import CxmError, InputError

__all__ = ["Collector"]

_log = logging.getLogger(__name__)

SPOOL_BYTES: Final = 4 << 30
"""Most bytes of events that may wait for the sink."""

ROOM_BYTES: Final = 64 << 20
"""Most bytes of bodies that are being read at a time."""

BODY_SECONDS: Final = 30.0
"""Longest time that a body may take to come."""

CLOSE_SECONDS: Final = 12.0
"""Longest time that delivery may take once a server has told the collector to end."""

_INTERVAL: Final = 0.1  # seconds that an event waits for company on its way to the sink
_READS_AT_A_TIME: Final = 8
_LONGEST_VALUE: Final = 1_000


class Collector:
    """Takes events from browser and server SDKs of the Segment family, unmodified, into a sink.

    It is an ASGI application: serve it with ``cxm serve`` or any ASGI server, or mount it in FastAPI, Starlette or
    Django. An event is acknowledged once it is in the spool; from there a thread feeds the sink, and what a process
    left when it ended goes to the next one with the same spool and sink.

    Args:
        sink: Where events go, such as a ``ProfileGraph``.
        keys: The keys that may send events; a text is a key of the source ``default``.
        spool: Folder in which events wait, and the ids of a day are kept; several processes may share it. None is the
            user's, or memory for a sink that ends with the process.
        durability: What an acknowledged event survives: ``process`` the death of the process, ``power`` that of the
            machine, for which every request waits until the disk has it, and the others with it.
        profiles: Answers ``GET /v1/profiles/…``; None turns it off.
        read_keys: Secrets that open it.
        webhooks: Answer ``POST /v1/webhooks/NAME``, by name.
        consent: ``ConsentRules`` or a ``ConsentGate``: holds or drops what nobody has agreed to, before it is stored.
        spool_bytes: Most bytes of events that may wait for the sink; beyond that, senders are told to come later.

    Raises:
        InputError: There is no key, two are the same, or profiles are to be read without a secret.

    Example:
        >>> from cxm_sdk.capture import MemorySink
        >>> collector = Collector(MemorySink(), ["wk-1"])
        >>> collector.stats().accepted
        0
    """

    def __init__(
        self,
        sink: Sink,
        keys: Sequence[WriteKey | str],
        *,
        spool: str | os.PathLike[str] | None = None,
        durability: str = "process",
        profiles: Profiles | None = None,
        read_keys: Sequence[ReadKey] = (),
        webhooks: Mapping[str, Webhook] | None = None,
        consent: Any = None,
        spool_bytes: int = SPOOL_BYTES,
    ) -> None:
        one_of("durability", durability, ("process", "power"))
        self.keys = [key if isinstance(key, WriteKey) else WriteKey(key) for key in keys]
        _check_keys(self.keys, read_keys, profiles)
        self._read_keys = tuple(read_keys)
        self._profiles = profiles
        self._webhooks = dict(webhooks or {})
        self._buckets = {key.key: Bucket(key.rate) for key in self.keys if key.rate is not None}
        self._origins = Origins(self.keys)
        self._delivery = Delivery(
            sink,
            "sink",
            backlog_of(sink, spool, durability),
            Policy(interval=_INTERVAL, max_events=1 << 40, max_bytes=spool_bytes),
            ended=self._ended,
            warned=self._warned,
        )
        lifetime.know(self._delivery)
        self._seen = Seen(_seen_folder(sink, spool))
        gate = consent_gate(consent)
        self._agreed = None if gate is None else Agreed(gate, self._dropped)
        self._reception = Reception(self._delivery, self._seen, self._agreed)
        self._metrics = Metrics(self._delivery.stats, lambda: self._seen.beyond)
        self._room = Room(ROOM_BYTES)
        self._reads = asyncio.Semaphore(_READS_AT_A_TIME)
        self._closing = False

    # --- of its host ---

    def start(self) -> None:
        """Takes over what ended processes have left; otherwise that waits for the first event."""
        self._delivery.hurry(1)
        self._delivery.hurry(-1)

    def close(self, timeout: float = 10.0) -> bool:
        """Takes no more events, and delivers those that it has.

        Args:
            timeout: Longest time that may take, in seconds; the rest stays in the spool.

        Returns:
            Whether all were delivered.
        """
        self._closing = True
        if self._agreed is not None:
            self._agreed.close()
        complete = self._delivery.close(monotonic() + timeout)
        self._seen.close()
        return complete

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits until the sink has taken what was acknowledged so far.

        Args:
            timeout: Longest time to wait, in seconds.

        Returns:
            Whether it has.
        """
        self._delivery.hurry(1)
        try:
            return self._delivery.flush(monotonic() + timeout)
        finally:
            self._delivery.hurry(-1)

    def stats(self) -> Stats:
        """Gives the ledger.

        Returns:
            What became of the events that were acknowledged.
        """
        return self._delivery.stats()

    # --- ASGI ---

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request.

        Args:
            scope: Of the ASGI server.
            receive: Of the ASGI server.
            send: Of the ASGI server.
        """
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.to_thread(self.start)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self.close, CLOSE_SECONDS)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        found = route(path_of(scope["path"], scope.get("raw_path"), scope.get("root_path", "")))
        origin = headers.get(b"origin")
        page = origin.decode("latin-1") if origin and found is not None and found.open else None
        extra: tuple[tuple[bytes, bytes], ...] = ()
        try:
            if page is not None and self._origins.lets(page):
                extra = origin_headers(page)
            reply = await self._routed(found, scope, headers, receive, page)
        except RefusedError as error:
            reply = refusal(error)
            if error.code == "origin":
                extra = ()
        except Exception as error:  # whatever it is, the sender learns nothing of it
            _log.error("a request failed: %s", type(error).__name__)
            reply = refusal(RefusedError(500, "internal", "The request failed.", retry_after=1.0))
        if scope["method"] == "HEAD":
            reply = reply._replace(body=b"")
        await send_reply(send, reply, extra)
        self._metrics.request(
            found.kind if found is not None else "unknown", reply.status, perf_counter() - began
        )

    async def _routed(
        self,
        found: Route | None,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        page: str | None,
    ) -> Reply:
        if found is None:
            raise RefusedError(404, "not_found", "There is nothing at this path.")
        method = scope["method"]
        if method == "OPTIONS" and found.open:
            return self._origins.preflight(headers, ",".join((*found.methods, "OPTIONS")).encode())
        if method not in found.methods and not (method == "HEAD" and "GET" in found.methods):
            allow = ((b"allow", ", ".join(found.methods).encode()),)
            raise RefusedError(405, "method", "The path does not take this method.", headers=allow)
        if found.kind == "events":
            return await self._events(found.parts[0], scope, headers, receive, page)
        if found.kind == "webhook":
            return await self._webhook(found.parts[0], scope, headers, receive)
        if found.kind == "profile":
            return await self._profile(found.parts, scope, headers)
        return await self._told(found, scope, headers, receive, page)

    async def _told(
        self, found: Route, scope: Scope, headers: dict[bytes, bytes], receive: Receive, page: str | None
    ) -> Reply:
        """Answers what needs no more than a look."""
        match found.kind:
            case "health":
                return json_reply(200, {"status": "ok"})
            case "ready":
                ready = self._reception.stores and not self._closing
                return json_reply(200 if ready else 503, {"status": "ready" if ready else "unavailable"})
            case "metrics":
                return self._metrics.reply()
            case "openapi":
                from cxm_sdk.capture.collector.openapi import description

                return json_reply(200, description())
            case "self_metrics":
                await read_body(receive, headers, self._room, BODY_SECONDS)
                return json_reply(200, {"success": True})
        given = found.parts[0] if found.parts else presented(headers, _query(scope)).chosen(None)
        key = self._key(given, page)
        scheme, host = address(
            scope.get("scheme", "http"),
            headers.get(b"host", b"").decode("latin-1"),
            scope.get("root_path", ""),
        )
        if found.kind == "settings":
            return json_reply(200, segment_settings(given or "", scheme, host))
        return json_reply(200, source_config(given or "", key.source, scheme, host))

    # --- writing ---

    async def _events(
        self, call: str, scope: Scope, headers: dict[bytes, bytes], receive: Receive, page: str | None
    ) -> Reply:
        given = presented(headers, _query(scope))
        key = self._key(given.outside, page) if given.outside is not None else None
        limit = KEYLESS_BYTES if key is None else BODY_BYTES
        raw = await read_body(receive, headers, self._room, BODY_SECONDS, limit)
        body = inflated(raw, headers.get(b"content-encoding", b""), limit)
        envelope = arrived(body, call, headers.get(b"sentat", b"").decode("latin-1") or None)
        if key is None:
            key = self._key(given.chosen(envelope.write_key), page)
        self._admit(key, len(envelope.events))
        results = await self._reception.events(envelope, key)
        if all(result is ACCEPTED for result in results):
            self._metrics.events(key.source, "accepted", len(results))
            return _all_accepted(len(results))
        for status, count in Counter(result.status for result in results).items():
            if status != "dropped":  # counted by its reason
                self._metrics.events(key.source, status, count)
        if call != "batch" and results[0].status == "invalid":
            raise RefusedError(400, results[0].reason, results[0].detail)
        return _results(results)

    def _key(self, given: str | None, page: str | None) -> WriteKey:
        """Gives the key that a request came by, or refuses it."""
        if self._closing:
            raise RefusedError(503, "closing", "The collector is about to end.", retry_after=1.0, close=True)
        key = find(self.keys, given) if given else None
        if key is None:
            told = ((b"www-authenticate", b'Basic realm="write key"'),) if page is None else ()
            raise RefusedError(
                401, "unauthorized", "No write key was given, or there is none such.", headers=told
            )
        if not key.allows(page):
            raise RefusedError(403, "origin", "The key does not let pages of this origin send events.")
        return key

    def _admit(self, key: WriteKey, count: int) -> None:
        bucket = self._buckets.get(key.key)
        wait = bucket.take(count) if bucket is not None else 0.0
        if wait:
            raise RefusedError(429, "rate_limited", "The source sends more than it may.", retry_after=wait)

    async def _webhook(self, name: str, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Reply:
        webhook = self._webhooks.get(name)
        if webhook is None:
            raise RefusedError(404, "not_found", "There is no webhook of this name.")
        if self._closing:
            raise RefusedError(503, "closing", "The collector is about to end.", retry_after=1.0, close=True)
        body = await read_body(receive, headers, self._room, BODY_SECONDS)
        named = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers.items()}
        if not webhook.verified(named, body, _url(scope, headers)):
            raise RefusedError(401, "signature", "The delivery is not signed as agreed, or too old.")
        try:
            entry = await asyncio.to_thread(webhook.entry, body)
        except InputError as error:
            raise RefusedError(400, "unreadable", str(error)) from None
        result = await self._reception.entry(name, body, entry)
        self._metrics.events(f"webhook:{name}", result.status, 1)
        return _results([result])

    # --- reading ---

    async def _profile(self, parts: tuple[str, ...], scope: Scope, headers: dict[bytes, bytes]) -> Reply:
        if self._profiles is None or not self._read_keys:
            raise RefusedError(404, "not_found", "There is nothing at this path.")
        scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or find(self._read_keys, given.strip()) is None:
            told = ((b"www-authenticate", b'Bearer realm="profiles"'),)
            raise RefusedError(
                401, "unauthorized", "No secret was given, or there is none such.", headers=told
            )
        namespace, value, part = parts
        if len(value) > _LONGEST_VALUE or len(namespace) > _LONGEST_VALUE:
            raise RefusedError(400, "input", f"An identifier has at most {_LONGEST_VALUE} characters.")
        asked: tuple[Any, ...] = (namespace, value)
        if part == "timeline":
            asked = (*asked, _limit(_query(scope)))
        read = getattr(self._profiles, part or "profile")
        if self._reads.locked():
            raise RefusedError(503, "overloaded", "Too many profiles are being read.", retry_after=1.0)
        async with self._reads:
            try:
                content = await asyncio.to_thread(read, *asked)
            except InputError as error:
                raise RefusedError(400, error.code, str(error)) from None
        if content is None:
            raise RefusedError(
                404, "unknown_profile", "Nobody has this identifier, or several people share it."
            )
        return json_reply(200, content)

    # --- of the delivery ---

    def _dropped(self, event: Mapping[str, Any], reason: str) -> None:
        self._metrics.events(str(event.get("source")), reason, 1)

    def _ended(self, events: Sequence[bytes], reason: str) -> None:
        self._metrics.events("all", "refused_by_sink", len(events))
        _log.warning("%d events ended undelivered: %s", len(events), reason)

    def _warned(self, kind: str, error: Exception) -> None:
        said = f"{error.code}: {error}" if isinstance(error, CxmError) else type(error).__name__
        _log.warning("%s: %s", kind, said)


def _seen_folder(sink: Sink, spool: str | os.PathLike[str] | None) -> str | None:
    """Where the ids of a day are kept, for each destination; None in memory, as events for a sink that ends with it."""
    if spool is None and getattr(sink, "volatile", False):
        return None
    folder = os.path.join(os.path.abspath(default_folder() if spool is None else spool), "seen")
    return destination_folder(folder, identity_of(sink))


def _check_keys(keys: Sequence[WriteKey], read_keys: Sequence[ReadKey], profiles: Profiles | None) -> None:
    if not keys:
        raise InputError("A collector needs at least one write key.")
    hashes = [key.key for key in keys] + [key.key for key in read_keys]
    if len(set(hashes)) < len(hashes):
        raise InputError("Two keys of the collector are the same.")
    if (profiles is None) != (not read_keys):
        raise InputError("Profiles are read with a secret: give both profiles and read_keys, or neither.")


def _query(scope: Scope) -> dict[str, list[str]] | None:
    text = scope.get("query_string", b"")
    if not text:
        return None
    try:
        return parse_qs(text.decode("latin-1"), max_num_fields=50)
    except ValueError:
        raise RefusedError(400, "query", "The query has too many fields.") from None


def _limit(query: dict[str, list[str]] | None) -> int:
    given = (query or {}).get("limit", ["100"])[0]
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:5]) <= 1_000 and len(given) < 5):
        raise RefusedError(400, "input", "limit: expected a number from 1 to 1000.")
    return int(given)


def _url(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """The address as its sender wrote it, which some systems sign."""
    raw = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope.get("query_string") else b""
    host = headers.get(b"host", b"")
    return f"{scope.get('scheme', 'http')}://{(host + raw + query).decode('latin-1')}"


def _results(results: list[Result]) -> Reply:
    """Says for each event what became of it."""
    told = [
        {
            "status": result.status,
            **({"reason": result.reason, "detail": result.detail} if result.reason else {}),
        }
        for result in results
    ]
    return Reply(200, dumps({"success": True, "results": told}, separators=(",", ":")).encode())


@lru_cache(maxsize=256)
def _all_accepted(count: int) -> Reply:
    results = ",".join(['{"status":"accepted"}'] * count)
    return Reply(200, f'{{"success":true,"results":[{results}]}}'.encode())
