"""The command ``cxm serve``."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxm_sdk.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from cxm_sdk.capture.collector import Collector
    from cxm_sdk.graph import ProfileGraph

__all__ = ["serve"]


def serve(
    graph: Annotated[
        Path,
        typer.Option(
            "--graph", metavar="FILE", help="The graph; made when it is not there.", show_default=False
        ),
    ],
    write_key: Annotated[
        list[str] | None,
        typer.Option("--write-key", metavar="KEY", help="A key that may send events. Repeatable."),
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, metavar="PORT", help="0 takes a free one.")
    ] = 8765,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file of keys and webhooks.")
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(
            "--spool", metavar="DIR", help="Where events wait; the graph's name with .spool by default."
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve a small shop to click in below /demo, on loopback.")
    ] = False,
) -> None:
    """Take events from browser and server SDKs into a graph, until it is interrupted."""
    try:
        from cxm_sdk.cli.server import run
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package(str(error.name), "server") from None
    from cxm_sdk.graph import ProfileGraph

    keys = write_key or []
    if demo:
        from secrets import token_urlsafe

        _check_demo(host)
        keys = keys or [token_urlsafe(12)]
    import logging

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    ProfileGraph(graph).close()
    with ProfileGraph(graph, read_only=True) as reader:
        collector = _collector(graph, reader, keys, config, spool)
        _collect_seldom()
        if demo:
            run(_with_demo(collector, keys[0], reader), host, port, shown="/demo")
        else:
            run(collector, host, port)


def _collect_seldom() -> None:
    """Has Python look for garbage, as the other commands need not, but not at every request, and not at modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def _collector(
    graph: Path, reader: ProfileGraph, keys: list[str], config: Path | None, spool: Path | None
) -> Collector:
    from cxm_sdk.capture.collector import Collector, WriteKey
    from cxm_sdk.capture.sinks.process import ProcessSink
    from cxm_sdk.cli.serve_config import ServeConfig
    from cxm_sdk.graph import ProfileGraph
    from cxm_sdk.serving import GraphProfiles

    settings = ServeConfig() if config is None else ServeConfig.load(config)
    folder = Path() if config is None else config.parent
    read_keys = settings.read_keys()
    return Collector(
        ProcessSink(partial(ProfileGraph, graph.resolve()), reader.identity),
        [*map(WriteKey, keys), *settings.write_keys(folder)],
        spool=spool if spool is not None else graph.with_name(f"{graph.name}.spool"),
        profiles=GraphProfiles(reader) if read_keys else None,
        read_keys=read_keys,
        webhooks=settings.system_webhooks(),
        consent=settings.consent_rules(),
    )


def _check_demo(host: str) -> None:
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise InputError("--demo shows profiles to whoever asks, so it is served on loopback only.")


def _with_demo(collector: Collector, write_key: str, reader: ProfileGraph) -> Any:
    """The collector, and in front of it the pages of the demo."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from cxm_sdk.capture.collector.demo import demo_routes
    from cxm_sdk.cli.live import GraphScene

    routes = [*demo_routes(write_key, GraphScene(reader)), Mount("", app=collector)]
    return Starlette(routes=routes, lifespan=_living(collector))


def _living(collector: Collector) -> Any:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def live(_: object) -> Any:
        collector.start()
        yield
        collector.close()

    return live
