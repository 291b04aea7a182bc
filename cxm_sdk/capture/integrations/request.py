"""What a web request says about the person behind it, and what of it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

__all__ = ["ANONYMOUS_COOKIE", "Request", "RequestRules"]

ANONYMOUS_COOKIE: Final = "ajs_anonymous_id"
"""Where Segment's browser SDK, and what is compatible with it, keeps the anonymous id."""

_LONGEST: Final = 1024  # characters kept of a text that comes from outside; an event has 32 KB in all
_LONGEST_ID: Final = 200
_YEAR: Final = 365 * 24 * 3600  # seconds
_CAMPAIGN: Final = {
    "utm_id": "id",
    "utm_campaign": "name",
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_term": "term",
    "utm_content": "content",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, as ASGI and WSGI have in common.

    Attributes:
        header: Gives the value of a header by its lower-case name, or an empty string.
        scheme: ``http`` or ``https``.
        host: Host and port as the browser named them.
        path: Path from the root of the host, decoded.
        query: What stands behind the question mark, as sent.
        peer: Address of the other end of the connection; empty where there is none.
    """

    header: Callable[[str], str]
    scheme: str
    host: str
    path: str
    query: str
    peer: str


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What of a request becomes context.

    Attributes:
        cookie: Name of the cookie that holds the anonymous id.
        issue_cookie: Whether a browser without that cookie is given one.
        trusted_proxies: How many proxies of your own stand before this server.
        keep_query: Whether query strings stay in the addresses of pages and referrers.
        request_id_header: Header that names the request.

    Example:
        >>> headers = {"cookie": "ajs_anonymous_id=%22a-9%22", "accept-language": "de-AT,de;q=0.8"}
        >>> request = Request(
        ...     header=lambda name: headers.get(name, ""), scheme="https", host="shop.example", path="/cart",
        ...     query="utm_source=mail&email=ada@example.com", peer="203.0.113.7",
        ... )
        >>> known = RequestRules().context_of(request)
        >>> known["anonymous_id"], known["locale"], known["campaign"], known["page"]["url"]
        ('a-9', 'de-AT', {'source': 'mail'}, 'https://shop.example/cart')
    """

    cookie: str = ANONYMOUS_COOKIE
    issue_cookie: bool = False
    trusted_proxies: int = 0
    keep_query: bool = False
    request_id_header: str = "x-request-id"

    def context_of(self, request: Request) -> dict[str, Any]:
        """Reads the request.

        Args:
            request: The request.

        Returns:
            Arguments for `cxm_sdk.capture.context.context`; what the request does not say is None.
        """
        return {
            "anonymous_id": _cookie_value(request.header("cookie"), self.cookie),
            "ip": self._address(request)[:_LONGEST_ID] or None,
            "user_agent": request.header("user-agent")[:_LONGEST] or None,
            "locale": _preferred_language(request.header("accept-language")),
            "request_id": request.header(self.request_id_header)[:_LONGEST_ID] or None,
            "page": self._page(request),
            "campaign": _campaign(request.query),
        }

    def new_cookie(self, request: Request) -> tuple[str, str]:
        """Makes an anonymous id for a browser that has none.

        The cookie belongs to the site that sets it, lives for a year and can be read by scripts of the page, so that
        an SDK in the browser goes on with the same id.

        Args:
            request: The request that came without one.

        Returns:
            The id, and the value of the ``Set-Cookie`` header.
        """
        made = str(uuid.uuid4())
        secure = "; Secure" if request.scheme == "https" else ""
        return made, f"{self.cookie}={made}; Path=/; Max-Age={_YEAR}; SameSite=Lax{secure}"

    def _address(self, request: Request) -> str:
        """The person's address; only what proxies of one's own have appended can be believed."""
        if self.trusted_proxies > 0:
            hops = [hop.strip() for hop in request.header("x-forwarded-for").split(",")]
            if len(hops) >= self.trusted_proxies and hops[-self.trusted_proxies]:
                return hops[-self.trusted_proxies]
        return request.peer

    def _page(self, request: Request) -> dict[str, str]:
        path = quote(request.path, safe="/:@!$&'()*+,;=~%")
        query = request.query if self.keep_query else ""
        page = {"url": urlunsplit((request.scheme, request.host, path, query, "")), "path": request.path}
        if query:
            page["search"] = f"?{query}"
        referrer = self._referrer(request.header("referer"))
        if referrer:
            page["referrer"] = referrer
        return {key: text[:_LONGEST] for key, text in page.items()}

    def _referrer(self, text: str) -> str:
        try:
            parts = urlsplit(text)
        except ValueError:
            return ""  # not an address
        query = parts.query if self.keep_query else ""
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def _cookie_value(header: str, name: str) -> str | None:
    """The value of a cookie, out of the quotes and the percent signs that browser SDKs put around it."""
    for part in header.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            text = unquote(value.strip()).strip('"')
            if 0 < len(text) <= _LONGEST_ID and text.isprintable():
                return text
    return None


def _preferred_language(header: str) -> str | None:
    """The language wanted most (RFC 9110, 12.5.4); the first of equals."""
    best, best_weight = None, 0.0
    for part in header[:_LONGEST].split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.partition("=")[2] or 1)
        except ValueError:
            continue
        tag = tag.strip()
        if weight > best_weight and tag and tag != "*" and tag.replace("-", "").isalnum():
            best, best_weight = tag, weight
    return best


def _campaign(query: str) -> dict[str, str] | None:
    """The ``utm_`` parameters of an address, under the names the wire has for them."""
    if "utm_" not in query:
        return None
    try:
        pairs = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return None  # more parameters than any address of a campaign has
    found = {_CAMPAIGN[key]: value[:_LONGEST] for key, value in pairs if key in _CAMPAIGN}
    return found or None
