"""A collector whose sink is a file and a graph at a time: python served.py FOLDER WRITE_KEY RATE PORT.

It prints its port. RATE is the most events a second, or empty; PORT may be 0. The file has what the sink was given,
copies included, for tests to compare; the graph what became of it.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from cxm_sdk.capture import Collector, FileSink
from cxm_sdk.capture.batch import Batch, Delivered
from cxm_sdk.capture.collector import WriteKey
from cxm_sdk.graph import ProfileGraph


class Both:
    """Gives every batch to a graph, then to a file."""

    def __init__(self, folder: Path) -> None:
        self.identity = f"both:{folder}"
        self._graph = ProfileGraph(folder / "customers.db")
        self._file = FileSink(folder / "events.jsonl")

    def send(self, batch: Batch) -> Delivered:
        refused = self._graph.send(batch)
        self._file.send(batch)
        return refused


def main() -> None:
    folder = Path(sys.argv[1])
    key = WriteKey(sys.argv[2], rate=float(sys.argv[3]) if sys.argv[3] else None)
    collector = Collector(Both(folder), [key], spool=folder / "spool")
    listening = socket.create_server(("127.0.0.1", int(sys.argv[4])))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(collector, log_level="error")).run([listening])


if __name__ == "__main__":
    main()
