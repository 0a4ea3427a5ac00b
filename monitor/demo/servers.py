"""The demo's web server and mail server, on loopback (aiosmtpd's door; aiohttp's server side)."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.demo.outlets import MIRROR, MIRROR_OF, OUTLETS, Outlet
from monitor.demo.pages import article_page


class Web:
    """Serves every outlet's feed or front page, with ETags, and its articles; time starts with the first request.

    Each outlet has a port of its own, as each has a server of its own in the world.
    """

    def __init__(self) -> None:
        """Make the server; it listens after `start`."""
        self.start_at: datetime | None = None
        self.requests: Counter[str] = Counter()
        self.bases: dict[str, str] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on free ports of 127.0.0.1."""
        application = web.Application()
        application.router.add_get("/robots.txt", _robots)
        application.router.add_get("/{name}/feed", self._feed)
        application.router.add_get("/{name}/{slug}", self._page)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        for outlet in OUTLETS:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.bases[outlet.name] = f"http://127.0.0.1:{self._runner.addresses[-1][1]}"
        self.bases[MIRROR] = self.bases[MIRROR_OF]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    def elapsed(self) -> float:
        """Give the seconds since the first request."""
        return (datetime.now(UTC) - self.start_at).total_seconds() if self.start_at else 0.0

    async def _feed(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        now = datetime.now(UTC)
        self.start_at = self.start_at or now
        self.requests[name] += 1
        outlet = _by_name().get(MIRROR_OF if name == MIRROR else name)
        if outlet is None:
            raise web.HTTPNotFound
        await asyncio.sleep(outlet.delay)
        if self.requests[name] <= outlet.refusals:
            return web.Response(status=503, text="try later", headers={"Retry-After": "2"})
        body = outlet.render(outlet.outlet, outlet.shown(self.bases[outlet.name], self.start_at, now))
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": outlet.content_type})

    async def _page(self, request: web.Request) -> web.Response:
        outlet = _by_name().get(request.match_info["name"])
        now = datetime.now(UTC)
        shown = outlet.shown(self.bases[outlet.name], self.start_at or now, now) if outlet else ()
        for piece, url, at in shown:
            if outlet and piece.slug == request.match_info["slug"]:
                self.requests[url] += 1
                if self.requests[url] <= piece.refusals:
                    return web.Response(status=503, text="too busy")
                body = article_page(outlet.outlet, outlet.language, piece, url, at)
                return web.Response(body=body, content_type="text/html", charset="utf-8")
        raise web.HTTPNotFound


async def _robots(_: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nDisallow: /archive/\n")


def _by_name() -> Mapping[str, Outlet]:
    return {outlet.name: outlet for outlet in OUTLETS}


class Mailbox:
    """A real SMTP server that keeps each message as it was received, byte for byte."""

    def __init__(self, folder: Path) -> None:
        """Keep messages as NNN.eml below `folder`."""
        self._folder = folder
        self._controller: UnthreadedController | None = None
        self.refused = 0
        self.received = 0

    async def start(self) -> int:
        """Listen on a free port of 127.0.0.1; gives the port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._controller = UnthreadedController(
            self, hostname="127.0.0.1", port=0, loop=asyncio.get_running_loop(), server_hostname="demo.invalid"
        )
        server = await self._controller._create_server()  # noqa: SLF001 - its own begin() runs the loop itself
        self._controller.server = server
        assert isinstance(server, asyncio.Server)
        return int(server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._controller and self._controller.server:
            self._controller.server.close()
            await self._controller.server.wait_closed()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Refuse the second message once, keep everything else."""
        del server, session
        if self.received == 1 and not self.refused:
            self.refused += 1
            return "451 4.7.1 greylisted, try again"
        self.received += 1
        content = envelope.original_content or b""
        (self._folder / f"{self.received:03}.eml").write_bytes(content)
        return "250 OK"
