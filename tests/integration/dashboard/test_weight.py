"""What the dashboard costs those who look: the first load, and long lists."""

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from support.dashboards import World, sign_in

MANY = 10_000
CONNECTIONS = 8
AT_ONCE = 50
LONGEST_MS = 200
TRIES = 3
"""A machine that is busy with something else makes long tasks of short ones, but not each time."""
LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(Math.round(entry.duration));
}).observe({ type: "longtask", buffered: true });
"""


def test_the_first_load_is_at_most_300_kilobytes(page: Page, pages_world: World) -> None:
    sizes: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}),
    )
    sign_in(page, pages_world)
    expect(page.get_by_role("link", name="build", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert any(url.endswith(".js") for url in sizes)
    assert sum(sizes.values()) <= 300_000, sizes


@pytest.fixture(scope="module")
def crowded_world(server_url: str) -> World:
    """Ten thousand actors, all of them stranded in one state."""
    world = World(server_url, "weight")
    states = {"a": {"on": {"GO": "b"}}, "b": {}}
    world.deploy(
        {"id": "v1", "workflow": "crowd", "definition": {"initial": "a", "states": states}}
    )
    spawn_many(world, "v1", MANY)
    target = {"initial": "c", "states": {"c": {}}}
    done = world.deploy({"id": "v2", "parentId": "v1", "definition": target, "landing": "Same"})
    assert done["stranded"] == MANY
    return world


def spawn_many(world: World, version: str, count: int) -> None:
    """Actors, asked for on some connections at once, without waiting for each answer."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        share = count // CONNECTIONS
        for done in [pool.submit(pipelined, world, version, share) for _ in range(CONNECTIONS)]:
            done.result()


def pipelined(world: World, version: str, count: int) -> None:
    address = urlsplit(world.url)
    body = f'{{"definitionId":"{version}"}}'
    head = f"POST /v1/actors HTTP/1.1\r\nhost: x\r\nx-api-key: {world.key()}\r\n"
    request = f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()
    with socket.create_connection((address.hostname or "", address.port or 0)) as wire:
        answers = wire.makefile("rb")
        for start in range(0, count, AT_ONCE):
            some = min(AT_ONCE, count - start)
            wire.sendall(request * some)
            for _ in range(some):
                assert answers.readline().startswith(b"HTTP/1.1 201")
                answers.read(length_of(answers))


def length_of(answers: BinaryIO) -> int:
    """Read the headers of an answer; the length of its body."""
    length = 0
    while (line := answers.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return length


def test_ten_thousand_stranded_are_listed_without_a_long_task(
    page: Page, crowded_world: World
) -> None:
    page.add_init_script(LONG_TASKS)
    sign_in(page, crowded_world, place="#/w/crowd/stranded")
    longest = []
    for _ in range(TRIES):
        page.get_by_role("button", name="Show the actors").wait_for()
        page.evaluate("() => { window.longTasks.length = 0 }")
        list_all(page)
        longest.append(max(page.evaluate("() => window.longTasks"), default=0))
        if longest[-1] <= LONGEST_MS:
            break
        page.get_by_role("button", name="Hide the actors").click()
    print(f"longest task with {MANY} actors listed, in ms: {longest}")

    assert longest[-1] <= LONGEST_MS, longest


def test_a_plan_over_hundreds_of_states_is_drawn_without_a_long_task(
    page: Page, crowded_world: World
) -> None:
    crowded_world.deploy({"id": "ring-v1", "workflow": "ring", "definition": ring("s", 300)})
    actors = crowded_world.spawn("ring-v1", 60)
    for first in range(1, 60):
        crowded_world.send(actors[first:], ["NEXT"])
    page.add_init_script(LONG_TASKS)
    longest = []
    for _ in range(TRIES):
        page.goto("about:blank")
        sign_in(page, crowded_world, place="#/w/ring/preview")
        page.get_by_label("Landing").select_option("Same")
        page.get_by_role("textbox", name="Definition").fill(json.dumps(ring("t", 300)))
        page.evaluate("() => { window.longTasks.length = 0 }")
        page.get_by_role("button", name="Preview", exact=True).click()
        expect(page.get_by_label("Place of s59")).to_have_value(re.compile("t.*9"))
        expect(page.get_by_text("The 60 with the most actors, of 300")).to_be_visible()
        longest.append(max(page.evaluate("() => window.longTasks"), default=0))
        if longest[-1] <= LONGEST_MS:
            break
    print(f"longest task of a plan over 300 states, in ms: {longest}")

    assert longest[-1] <= LONGEST_MS, longest


def test_a_long_history_shows_its_end_and_goes_back_from_there(
    page: Page, crowded_world: World
) -> None:
    crowded_world.deploy({"id": "loop-v1", "workflow": "loop", "definition": ring("s", 3)})
    actor = crowded_world.spawn("loop-v1")[0]
    crowded_world.send([actor] * 1_000, ["NEXT", "NEXT"])
    sign_in(page, crowded_world, place=f"#/actors/{actor}")
    line = page.get_by_role("region", name="Time line")
    events = line.locator("li.event")
    expect(events).to_have_count(500)
    expect(events.last).to_contain_text("2000 NEXT")

    crowded_world.send([actor], ["NEXT"])
    expect(events.last).to_contain_text("2001 NEXT")
    line.get_by_role("button", name="Show 1,000 more of the 1,501 before these").click()
    line.get_by_role("button", name="Show 501 more of the 501 before these").click()
    expect(events).to_have_count(2_001)
    expect(events.first).to_contain_text("1 NEXT")


def ring(letter: str, count: int) -> dict[str, object]:
    names = [f"{letter}{number}" for number in range(count)]
    states = {name: {"on": {"NEXT": names[(at + 1) % count]}} for at, name in enumerate(names)}
    return {"initial": names[0], "states": states}


def list_all(page: Page) -> None:
    """Show the actors, and scroll until the last is read and in sight."""
    page.get_by_role("button", name="Show the actors").click()
    rows = page.get_by_role("group", name="Actors stranded in a")
    expect(rows.get_by_role("listitem").first).to_be_visible()
    read = page.locator(".card").get_by_role("status")
    while page.get_by_text("10,000 read").count() == 0:
        before = read.inner_text()
        rows.evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(read).not_to_have_text(before)
    rows.evaluate("box => { box.scrollTop = box.scrollHeight }")
    last = rows.get_by_role("listitem").last
    expect(last).to_have_attribute("aria-posinset", str(MANY))
    expect(last).to_have_attribute("aria-setsize", str(MANY))
    assert rows.get_by_role("listitem").count() < 60


def test_two_thousand_versions_stay_usable(page: Page, crowded_world: World) -> None:
    crowded_world.deploy(version_of_ages(0))
    registered = {"guards": "Ignore", "journal": "Types", "digest": "", "eventTypes": []}
    listed = [
        {
            **registered,
            "id": f"v-{n}",
            "workflow": "ages",
            "clock": n,
            "deployedBy": "",
            "deployedAt": 1,
        }
        for n in range(2_000)
    ]
    page.route(
        "**/v1/definitions?workflow=ages**",
        lambda route: route.fulfill(json={"items": listed, "next": None}),
    )
    sign_in(page, crowded_world, place="#/w/ages")

    expect(page.get_by_text("of 2000")).to_be_visible()
    rows = page.get_by_role("group", name="Versions, the latest first")
    rows.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(rows.get_by_role("listitem").last).to_have_attribute("aria-posinset", "2000")
    assert rows.get_by_role("listitem").count() < 60


def version_of_ages(number: int) -> dict[str, object]:
    machine = {"initial": "a", "states": {"a": {}, f"n{number}": {}}}
    return {"id": f"v-{number}", "workflow": "ages", "definition": machine}
