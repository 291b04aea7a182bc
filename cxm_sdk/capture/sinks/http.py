"""Sends batches to a receiver of the Segment wire: Segment, RudderStack, Jitsu, or this package's own collector.

The standard library's HTTP client does it: one connection at a time is all that a sink needs, and a host gets no pin on
a library that it may use in another version.

What is needed is imported with this module, on a thread of the host. If the thread that sends were in the middle of an
import when the process forks, the child would wait for the end of that import for ever.
"""

from __future__ import annotations

import codecs
import http.client
import os
import zlib
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from json import dumps, loads
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from cxm_sdk.capture.batch import Batch, Delivered
from cxm_sdk.capture.encode import rfc3339
from cxm_sdk.errors import DeliveryError, InputError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

__all__ = ["HttpSink"]

codecs.lookup("idna")  # a module too; names of hosts are looked up with it

_PASSING: Final = frozenset((408, 410, 429, 460))
_LASTING: Final = frozenset((501, 505))
_OF_EVENTS: Final = frozenset((400, 413, 422))  # the fault may lie with single events
_LONGEST_ANSWER: Final = 4 << 20


class HttpSink:
    """Posts batches as JSON over one connection that is kept open.

    Args:
        url: Where the receiver listens, such as ``https://api.segment.io``; ``/v1/batch`` is added unless the path
            says ``batch`` already.
        write_key: The key of the source; sent as Basic authorization and in the body.
        gzip: Whether to compress bodies.
        timeout: Longest wait for the connection, and for each part of an answer, in seconds.
        proxy: URL of a proxy, with user and password if it wants them. None takes what the environment says
            (``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``); an empty string uses none.
        headers: Further headers of every request.
        tls: TLS settings; None trusts what the system trusts.

    Raises:
        InputError: The URL is not one of HTTP.

    Example:
        >>> HttpSink("https://api.segment.io", write_key="key").url
        'https://api.segment.io/v1/batch'
    """

    def __init__(
        self,
        url: str,
        *,
        write_key: str | None = None,
        gzip: bool = False,
        timeout: float = 10.0,
        proxy: str | None = None,
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError("The url of a sink must start with http:// or https:// and name a host.")
        path = parts.path.rstrip("/")
        path = path if path.endswith("batch") else f"{path.removesuffix('/v1')}/v1/batch"
        self._path = f"{path}?{parts.query}" if parts.query else path
        self._target = self._path
        self._netloc = parts.netloc.rpartition("@")[2]
        self._host, self._port = parts.hostname, parts.port
        self._secure = parts.scheme == "https"
        self.url = f"{parts.scheme}://{self._netloc}{path}"
        # what was spooled for one key must not reach another; the key itself is written nowhere
        self.identity = f"http:{self.url}:{sha256((write_key or '').encode()).hexdigest()}"
        self._tail = b"".join(
            (b'","writeKey":', dumps(write_key).encode(), b"}") if write_key is not None else (b'"}',)
        )
        self._headers = {"Content-Type": "application/json", "User-Agent": "cxm-sdk", **(headers or {})}
        if write_key is not None:
            self._headers["Authorization"] = f"Basic {b64encode(f'{write_key}:'.encode()).decode()}"
        self._gzip = gzip
        if gzip:
            self._headers["Content-Encoding"] = "gzip"
        self._timeout = timeout
        self._proxy = proxy if proxy is not None else _environment_proxy(self._host, secure=self._secure)
        self._tls = tls
        self._proxy_headers: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._pid = 0

    def __repr__(self) -> str:
        return f"HttpSink({self.url!r})"

    def send(self, batch: Batch) -> Delivered | None:
        """Posts a batch and reads what became of it.

        Args:
            batch: Events in order.

        Returns:
            What the receiver says of single events; None when it says nothing.

        Raises:
            DeliveryError: The receiver did not take the batch.
            OSError: It was not reached.
        """
        body = b"".join(
            (
                b'{"batch":[',
                b",".join(batch.events),
                b'],"sentAt":"',
                rfc3339(datetime.now(UTC)).encode(),
                self._tail,
            )
        )
        if self._gzip:
            packer = zlib.compressobj(6, wbits=31)
            body = packer.compress(body) + packer.flush()
        headers = (
            self._headers if not batch.attempt else {**self._headers, "X-Retry-Count": str(batch.attempt)}
        )
        try:
            response = self._request(body, headers, batch.deadline)
            answer = response.read(_LONGEST_ANSWER)
        except http.client.HTTPException as error:
            self.close()
            raise OSError(f"{type(error).__name__} from {self.url}") from None
        except BaseException:
            self.close()
            raise
        if response.will_close or not response.isclosed():
            self.close()
        return self._read(response, answer, batch)

    def _request(
        self, body: bytes, headers: Mapping[str, str], deadline: float | None
    ) -> http.client.HTTPResponse:
        """Posts over the open connection, or a new one when the other side has closed it meanwhile."""
        kept = self._connection is not None and self._pid == os.getpid()
        connection = self._connection if kept and self._connection is not None else self._connect()
        timeout = self._timeout if deadline is None else max(0.01, min(self._timeout, deadline - monotonic()))
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        try:
            connection.request("POST", self._target, body, {**headers, **self._proxy_headers})
            return connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if not kept:
                raise
            self.close()  # it was idle for too long; the same ids go again, so nothing can count twice
            return self._request(body, headers, deadline)

    def _connect(self) -> http.client.HTTPConnection:
        self._connection, self._pid = None, os.getpid()  # a forked child leaves its parent's connection alone
        via = urlsplit(self._proxy) if self._proxy else None
        host, port = (via.hostname, via.port or 80) if via else (self._host, self._port)
        if self._secure:
            import ssl  # http.client has loaded it

            tls = self._tls or ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host or "", port, timeout=self._timeout, context=tls
            )
        else:
            connection = http.client.HTTPConnection(host or "", port, timeout=self._timeout)
        if via:
            headers = {}
            if via.username:
                pair = f"{unquote(via.username)}:{unquote(via.password or '')}"
                headers["Proxy-Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            if self._secure:  # a tunnel; the proxy sees neither path nor key
                connection.set_tunnel(self._host, self._port, headers)
            else:
                self._target, self._proxy_headers = f"http://{self._netloc}{self._path}", headers
        self._connection = connection
        return connection

    def _read(self, response: http.client.HTTPResponse, answer: bytes, batch: Batch) -> Delivered | None:
        status = response.status
        if 200 <= status < 300:
            return _results(answer, batch)
        raise DeliveryError(
            f"{self.url} answered {status} to a batch of {len(batch)} events.",
            permanent=(400 <= status < 500 and status not in _PASSING) or status in _LASTING,
            separable=status in _OF_EVENTS,
            retry_after=_seconds(response.headers.get("Retry-After")),
            status=status,
        )

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self.close()

    def close(self) -> None:
        """Closes the connection; the next batch opens one again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def _environment_proxy(host: str, *, secure: bool) -> str | None:
    """Reads which proxy the environment names for a host."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    if proxy_bypass_environment(host):
        return None
    return getproxies_environment().get("https" if secure else "http")


def _seconds(retry_after: str | None) -> float | None:
    """Reads ``Retry-After``: seconds, or a date."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _results(answer: bytes, batch: Batch) -> Delivered | None:
    """Reads per-event results: ``{"results": [{"status": "accepted" | "duplicate" | "invalid" | "retry", …}, …]}``.

    A result names its event by ``messageId``, or stands at the event's position in the batch.
    """
    if b'"results"' not in answer:
        return None
    try:
        results: Any = loads(answer)["results"]
        ids = batch.message_ids if any("messageId" in result for result in results) else []
        rejected: dict[int, str] = {}
        retry: list[int] = []
        for position, result in enumerate(results):
            at = ids.index(result["messageId"]) if "messageId" in result else position
            if result["status"] == "invalid":
                rejected[at] = str(result.get("reason") or "invalid")
            elif result["status"] == "retry":
                retry.append(at)
    except (ValueError, KeyError, TypeError):
        return None  # an answer of another kind; 2xx says that the batch was taken
    return Delivered(rejected, retry)
