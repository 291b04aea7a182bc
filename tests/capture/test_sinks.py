"""Sinks: what the HTTP sink puts on the wire, what the file sink keeps on disk, what the memory sink answers."""

from __future__ import annotations

import base64
import json
import os
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import Client, DeliveryError, InputError
from cxm_sdk.capture import Batch, Delivered, FileSink, HttpSink, MemorySink, Sink
from cxm_sdk.capture.batch import message_id_of

from .receiver import Answer, Receiver, Request


def batch(*names: str) -> Batch:
    return Batch([json.dumps({"messageId": name, "type": "track"}).encode() for name in names])


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("gzip", [False, True])
def test_a_batch_is_posted_as_the_wire_has_it(gzip: bool) -> None:
    with Receiver() as receiver:
        sink = HttpSink(receiver.url, write_key="wk", gzip=gzip, headers={"X-Team": "crm"})
        assert sink.send(batch("m-1", "m-2")) is None
        sink.close()
    (request,) = receiver.requests
    assert request.path == "/v1/batch"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"wk:").decode()
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-Team"] == "crm"
    assert request.headers.get("Content-Encoding") == ("gzip" if gzip else None)
    assert [event["messageId"] for event in request.body["batch"]] == ["m-1", "m-2"]
    assert request.body["writeKey"] == "wk"
    assert request.body["sentAt"].endswith("Z")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://api.segment.io", "https://api.segment.io/v1/batch"),
        ("https://api.segment.io/", "https://api.segment.io/v1/batch"),
        ("https://api.segment.io/v1", "https://api.segment.io/v1/batch"),
        ("https://h:8443/base/", "https://h:8443/base/v1/batch"),
        ("https://h/v1/batch", "https://h/v1/batch"),
        ("https://h/beacon/v1/batch/", "https://h/beacon/v1/batch"),
    ],
)
def test_the_path_is_added_where_it_is_missing(url: str, target: str) -> None:
    assert HttpSink(url).url == target


def test_no_key_is_sent_where_there_is_none() -> None:
    with Receiver() as receiver:
        HttpSink(receiver.url).send(batch("m-1"))
    assert "Authorization" not in receiver.requests[0].headers
    assert "writeKey" not in receiver.requests[0].body


@pytest.mark.parametrize("url", ["", "ftp://h", "h:80", "http://"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        HttpSink(url)


def test_neither_key_nor_password_is_in_what_the_sink_says_of_itself() -> None:
    sink = HttpSink("https://user:secret@h", write_key="wk-secret")
    assert "secret" not in repr(sink) + sink.url + sink.identity
    assert sink.identity != HttpSink("https://h", write_key="another").identity
    assert sink.identity == HttpSink("https://h/v1/batch", write_key="wk-secret").identity


def results(*each: dict[str, Any]) -> Answer:
    return 200, {}, {"success": True, "results": list(each)}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            results({"status": "accepted"}, {"status": "invalid", "reason": "no_id"}),
            Delivered({1: "no_id"}, []),
        ),
        (results({"status": "duplicate"}, {"status": "retry"}), Delivered({}, [1])),
        (
            results(
                {"messageId": "m-2", "status": "invalid", "reason": "bad"},
                {"messageId": "m-1", "status": "accepted"},
            ),
            Delivered({1: "bad"}, []),
        ),
        (results({"status": "invalid"}, {"status": "accepted"}), Delivered({0: "invalid"}, [])),
        ((200, {}, {"success": True}), None),
        ((200, {}, {"results": 5}), None),
        ((200, {}, {"results": [{"messageId": "unknown", "status": "invalid"}]}), None),
        ((200, {}, {"results": ["odd"]}), None),
        ((204, {}, {}), None),
    ],
)
def test_results_of_single_events_are_read(answer: Answer, expected: Delivered | None) -> None:
    with Receiver() as receiver:
        receiver._take = lambda request, answer: None  # type: ignore[method-assign]
        receiver.answer = lambda request: answer
        sink = HttpSink(receiver.url)
        assert sink.send(batch("m-1", "m-2")) == expected
        sink.close()


def test_a_receiver_that_drops_what_is_not_valid_is_believed() -> None:
    def answer(request: Request) -> Answer:
        return results(
            *(
                {"status": "accepted"}
                if event["properties"]["n"] % 2
                else {"status": "invalid", "reason": "even"}
                for event in request.body["batch"]
            )
        )

    with Receiver(answer) as receiver, Client(receiver.url, durability="memory") as client:
        for number in range(10):
            client.track("X", {"n": number}, user_id="u-1")
        report = client.flush(5)
        assert (report.delivered, report.rejected) == (5, {"even": 5})
        assert len(receiver.taken) == 5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("-1", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    with Receiver() as receiver:
        receiver.answer = lambda request: (503, {"Retry-After": header} if header else {}, {})
        sink = HttpSink(receiver.url)
        with pytest.raises(DeliveryError) as caught:
            sink.send(batch("m-1"))
        sink.close()
    assert (caught.value.retry_after, caught.value.status, caught.value.permanent) == (seconds, 503, False)


class Proxy(BaseHTTPRequestHandler):
    """Notes what it is asked, and answers every POST itself."""

    asked: list[tuple[str, str, str | None]]

    def do_POST(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Proxy-Authorization")))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_CONNECT(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Proxy-Authorization")))
        self.send_error(403)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    kind = type("Noting", (Proxy,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}", kind.asked
        server.shutdown()
        thread.join()


def test_a_proxy_is_used_when_it_is_given_or_in_the_environment(
    proxy: tuple[str, list[tuple[str, str, str | None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = proxy
    basic = "Basic " + base64.b64encode(b"me:p@ss").decode()
    target = "http://collector.example/v1/batch"
    sink = HttpSink("http://collector.example", proxy=f"http://me:p%40ss@{address}")
    sink.send(batch("m-1"))
    sink.close()
    monkeypatch.setenv("HTTP_PROXY", f"http://{address}")
    sink = HttpSink("http://collector.example")
    sink.send(batch("m-1"))
    sink.close()
    assert asked == [("POST", target, basic), ("POST", target, None)]
    with pytest.raises(OSError, match="403"):
        HttpSink("https://collector.example", proxy=f"http://me:p%40ss@{address}").send(batch("m-1"))
    assert asked[2:] == [("CONNECT", "collector.example:443", basic)]


def test_a_proxy_is_left_out_where_the_environment_or_the_caller_says_so(
    proxy: tuple[str, list[tuple[str, str, str | None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy[0]}")
    with Receiver() as receiver:
        HttpSink(receiver.url, proxy="").send(batch("m-1"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        HttpSink(receiver.url).send(batch("m-2"))
    assert (len(receiver.taken), proxy[1]) == (2, [])


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    made = tmp_path / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {made} -out {tmp_path}/cert -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost 2>/dev/null && cat {tmp_path}/cert >> {made}"
    )
    if os.system(command):
        pytest.skip("making a certificate takes openssl")
    return made


def test_tls_is_checked_against_what_is_trusted(certificate: Path) -> None:
    with Receiver() as receiver:
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(certificate)
        receiver._server.socket = served.wrap_socket(receiver._server.socket, server_side=True)
        url = receiver.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            HttpSink(url).send(batch("m-1"))
        sink = HttpSink(url, tls=ssl.create_default_context(cafile=str(certificate)))
        assert sink.send(batch("m-2")) is None
        sink.close()
    assert list(receiver.taken) == ["m-2"]


# --- files ---


def lines(path: Path) -> list[str]:
    return [json.loads(line)["messageId"] for line in path.read_text().splitlines()]


def test_a_file_gets_one_event_a_line_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    sink = FileSink(path)
    sink.send(batch("m-1", "m-2"))
    sink.send(batch("m-3"))
    assert lines(path) == ["m-1", "m-2", "m-3"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_file_is_renamed_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    sink = FileSink(path, max_bytes=100, backups=2)
    for number in range(12):
        sink.send(batch(f"m-{number}"))
    kept = [lines(path.with_name(name)) for name in ("events.jsonl.2", "events.jsonl.1", "events.jsonl")]
    found = [name for each in kept for name in each]
    assert found == [f"m-{number}" for number in range(12)][-len(found) :]
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "events.jsonl",
        "events.jsonl.1",
        "events.jsonl.2",
    ]
    assert all(each.stat().st_size <= 100 for each in tmp_path.iterdir())


def test_several_processes_write_and_rotate_one_file_and_lose_no_event(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from cxm_sdk.capture import Batch, FileSink\n"
        "sink = FileSink(sys.argv[1], max_bytes=2000, backups=99)\n"
        "for n in range(100): sink.send(Batch([json.dumps({'messageId': f'{sys.argv[2]}-{n}'}).encode()]))\n"
    )
    path = tmp_path / "events.jsonl"
    running = [subprocess.Popen([sys.executable, "-c", program, path, str(number)]) for number in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    found = [name for each in tmp_path.iterdir() for name in lines(each)]
    assert len(found) == len(set(found)) == 400


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    sink = FileSink(folder / "events.jsonl")
    client = Client(sink, durability="memory")
    client.track("X", user_id="u-1")
    assert not client.flush(0.1).complete
    folder.mkdir()
    assert client.close(5).delivered == 1


# --- memory, batches ---


def test_a_memory_sink_tells_a_resent_event_by_its_id() -> None:
    sink = MemorySink()
    sink.send(batch("m-1", "m-2"))
    sink.send(batch("m-2", "m-3"))
    assert ([event["messageId"] for event in sink.events], sink.duplicates) == (["m-1", "m-2", "m-3"], 1)
    sink.clear()
    assert (len(sink), sink.events, sink.duplicates) == (0, [], 0)


@pytest.mark.parametrize("name", ["m-1", 'with "quotes"', "back\\slash", "ünï", ""])
def test_the_id_of_an_encoded_event_is_read(name: str) -> None:
    for ascii_only in (True, False):
        text = json.dumps(
            {"messageId": name, "a": 1}, separators=(",", ":"), ensure_ascii=ascii_only
        ).encode()
        assert message_id_of(text) == name
    assert message_id_of(json.dumps({"a": 1, "messageId": name}).encode()) == name


def test_whatever_sends_is_a_sink() -> None:
    assert all(isinstance(sink, Sink) for sink in (HttpSink("http://h"), FileSink("f"), MemorySink()))
