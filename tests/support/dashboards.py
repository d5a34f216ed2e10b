"""A real server with the chaos workflows in it, and a real Chromium that looks at its dashboard.

Owns where Chromium is found and what is said where it is not. Each world is a tenant of its own on
one server, so that what a test does to one is nobody else's.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from statekeep.cli.yaml12 import load
from statekeep.sealing.keyring import new_key
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.web.ui_files import built
from support.serving import serving

ROOT = Path(__file__).resolve().parents[2]
CHAOS = ROOT / "examples" / "chaos"
TENANTS = ("pages", "access", "hostile", "weight", "shots")
ROLES = ("read", "send", "deploy", "admin")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Say = Callable[[str], None]


def key_of(tenant: str, role: str) -> str:
    """The key of a role in a tenant."""
    return f"{tenant}-{role}-".ljust(40, "x")


@cache
def chromium() -> str | None:
    """The browser: named by STATEKEEP_CHROMIUM, or on the PATH."""
    named = os.environ.get("STATEKEEP_CHROMIUM")
    found = [named] if named else [shutil.which(program) for program in PROGRAMS]
    return next((program for program in found if program), None)


def why_not() -> str | None:
    """Why the browser tests cannot be run here, and what to do; None where they can."""
    if chromium() is None:
        return (
            "DASHBOARD NOT TESTED IN A BROWSER: no Chromium on the PATH (Debian's package chromium"
            " has it; STATEKEEP_CHROMIUM names another)"
        )
    if not built():
        return (
            "DASHBOARD NOT TESTED IN A BROWSER: it is not built here (`make dashboard` builds it)"
        )
    return None


@dataclass
class World:
    """One tenant of a server, and what was put into it."""

    url: str
    tenant: str
    actors: dict[str, str] = field(default_factory=dict)
    """The ids by the names that the scenarios give them."""

    def key(self, role: str = "admin") -> str:
        return key_of(self.tenant, role)

    @property
    def ui(self) -> str:
        return f"{self.url}/ui/"

    def client(self, role: str = "admin") -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"x-api-key": self.key(role)}, timeout=60)

    def post(self, path: str, body: Mapping[str, Any], role: str = "admin") -> Any:
        """Post, and insist that it worked."""
        with self.client(role) as client:
            answer = client.post(path, json=body)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    def deploy(self, body: Mapping[str, Any]) -> Any:
        return self.post("/v1/definitions", body)

    def spawn(self, version: str, count: int = 1, events: Sequence[str] = ()) -> list[str]:
        """Actors that have taken these events."""
        body = {"definitionId": version}
        with self.client() as client:
            ids = [client.post("/v1/actors", json=body).json()["id"] for _ in range(count)]
            self._send(client, ids, events)
        return ids

    def send(self, ids: Sequence[str], events: Sequence[str]) -> None:
        with self.client() as client:
            self._send(client, ids, events)

    def _send(self, client: httpx.Client, ids: Sequence[str], events: Sequence[str]) -> None:
        for event in events:
            for start in range(0, len(ids), 1_000):
                some = [{"actorId": actor, "type": event} for actor in ids[start : start + 1_000]]
                items = client.post("/v1/events", json={"events": some}).json()["items"]
                refused = [item for item in items if not item["answer"]["accepted"]]
                assert refused == [], refused[:1]

    def play(self, scenario: str, until: str | None = None) -> None:
        """The deployments, spawns and events of a chaos scenario, up to a deployment."""
        for step in steps_of(scenario):
            if step.get("deploy", {}).get("id") == until is not None:
                return
            self._play(step)

    def play_from(self, scenario: str, start: str, until: str) -> None:
        """The rest of one, from a deployment on."""
        begun = False
        for step in steps_of(scenario):
            begun = begun or step.get("deploy", {}).get("id") == start
            if step.get("deploy", {}).get("id") == until:
                return
            if begun:
                self._play(step)

    def _play(self, step: Mapping[str, Any]) -> None:
        if "deploy" in step:
            self.deploy(step["deploy"])
        elif "spawn" in step:
            self._spawned(step["spawn"])
        elif "send" in step:
            asked = step["send"]
            names = [asked["to"]] if isinstance(asked["to"], str) else asked["to"]
            self.send([self.actors[name] for name in names], asked["events"])

    def _spawned(self, asked: Mapping[str, Any]) -> None:
        many = asked.get("count")
        names = [asked["as"]] if many is None else [f"{asked['as']}-{n + 1}" for n in range(many)]
        self.actors.update(zip(names, self.spawn(asked["definitionId"], len(names)), strict=True))


def steps_of(scenario: str) -> list[dict[str, Any]]:
    """The steps of a chaos scenario."""
    text = (CHAOS / f"{scenario}.yaml").read_text(encoding="utf-8")
    loaded = cast("Any", load(text))
    return cast("list[dict[str, Any]]", loaded.value["steps"])


def chaos(world: World) -> World:
    """The three chaos workflows: two with stranded actors, one that was put right."""
    world.play("build", until="build-v3")
    world.play("issue", until="issue-v3")
    world.play("session")
    return world


@contextmanager
def runtime(directory: Path) -> Iterator[str]:
    """A server on a Valkey of its own, with keys for all the tenants; its address."""
    ring = directory / "keys"
    ring.mkdir(parents=True)
    (ring / "k1").write_text(new_key())
    (directory / "pepper").write_text("a pepper of enough bytes")
    lines = [f"{key_of(t, r)} {t} {r}" for t in TENANTS for r in ROLES]
    (directory / "api-keys").write_text("\n".join(["operator".ljust(40, "o"), *lines]))
    with EmbeddedValkey(directory / "valkey") as valkey:
        given = {
            "--redis-url": valkey.url,
            "--key-ring": str(ring),
            "--pepper-file": str(directory / "pepper"),
            "--api-keys-file": str(directory / "api-keys"),
        }
        arguments = [part for pair in given.items() for part in pair]
        with serving(*arguments) as server:
            yield server.url


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium for the block, which writes what it keeps into a home that goes with it."""
    program = chromium()
    assert program is not None
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        folders = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        browser = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), env={**os.environ, **folders}
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def behind_prefix(url: str, prefix: str) -> Iterator[str]:
    """A proxy that knows the server under a path prefix only, and takes the prefix off."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            sent = {
                k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")
            }
            with httpx.Client() as client:
                answer = client.send(
                    client.build_request("GET", url + self.path.removeprefix(prefix), headers=sent),
                    stream=True,
                )
                content = b"".join(answer.iter_raw())
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()


class Watched:
    """A page, and everything that went wrong in it: faults, refusals of the policy."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium logs every answer of 400 and more, and none; the pages say those themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)


def sign_in(page: Page, world: World, role: str = "admin", place: str = "") -> None:
    """Open the dashboard, and sign in."""
    page.goto(world.ui + place)
    page.get_by_label("API key").fill(world.key(role))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def go(page: Page, place: str) -> None:
    """Go to a place in the dashboard, and wait until it has read and drawn everything."""
    page.evaluate(
        """place => new Promise((done) => {
            if (location.hash === place) return done();
            addEventListener("hashchange", () => setTimeout(done, 30), { once: true });
            location.hash = place;
        })""",
        place,
    )
    expect(page.get_by_role("heading", level=1).or_(page.locator(".notice"))).not_to_have_count(0)
    expect(page.locator(".loading")).to_have_count(0)


def axe() -> str:
    """The source of axe-core, as the lock of the dashboard names it."""
    source = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        pytest.skip(
            "NOT CHECKED BY AXE-CORE: its package is not there (`make dashboard` fetches it)"
        )
    return source.read_text(encoding="utf-8")


def main() -> None:
    """Keep a server with the chaos workflows running, to look at."""
    directory = Path(sys.argv[1])
    with runtime(directory) as url:
        world = chaos(World(url, "shots"))
        print(world.ui, world.key(), flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
