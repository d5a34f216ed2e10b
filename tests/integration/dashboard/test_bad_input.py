"""What is hostile, huge, lost or forbidden: shown as text or said in words, never a blank page."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from support.dashboards import World, go, sign_in

SCRIPT = '<img src=x onerror="hacked=1"><script>hacked=1</script>'


@pytest.fixture(scope="module")
def hostile_world(server_url: str) -> World:
    """A workflow in which every name that a person may choose is a script."""
    world = World(server_url, "hostile")
    world.deploy(
        {
            "id": "bad-v1",
            "workflow": "bad",
            "definition": {
                "initial": "start",
                "states": {
                    "start": {"description": SCRIPT, "on": {SCRIPT: SCRIPT, "OTHER": "other"}},
                    SCRIPT: {"on": {"BACK": "start"}},
                    "other": {},
                },
            },
        }
    )
    body = {"definitionId": "bad-v1", "initialContext": {"note": SCRIPT}}
    world.actors["there"] = world.post("/v1/actors", body)["id"]
    world.actors["rescued"] = world.spawn("bad-v1", events=[SCRIPT])[0]
    world.send([world.actors["there"]], [SCRIPT])
    target = {"initial": "start", "states": {"start": {}, "other": {}}}
    world.deploy({"id": "bad-v2", "parentId": "bad-v1", "definition": target, "landing": "Same"})
    rescue = {"to": "bad-v2", "stateValue": "other", "reason": SCRIPT}
    world.post(f"/v1/actors/{world.actors['rescued']}/rescue", rescue)
    world.post("/v1/workflows/bad/freeze", {"reason": SCRIPT})
    return world


def test_a_script_in_a_name_is_shown_as_text(page: Page, hostile_world: World) -> None:
    there, rescued = hostile_world.actors["there"], hostile_world.actors["rescued"]
    sign_in(page, hostile_world)
    for place in (
        "#/w/bad",
        "#/w/bad/v/bad-v1",
        "#/w/bad/points/bad-v2.bad-v1",
        "#/w/bad/stranded",
        "#/w/bad/actors",
        f"#/actors/{there}",
        f"#/actors/{rescued}",
    ):
        go(page, place)
        outline = page.get_by_text("As an outline")
        if outline.count():
            outline.click()

        assert SCRIPT in page.locator("main").inner_text(), place
        assert page.locator("main img, main script").count() == 0, place
    assert page.evaluate("() => window.hacked") is None


def test_a_name_without_end_stays_on_the_screen(page: Page, hostile_world: World) -> None:
    name = "n" * 240
    states = {name: {"on": {name: f"{name}2"}}, f"{name}2": {"on": {"BACK": name}}}
    version = f"v{name}"
    hostile_world.deploy(
        {"id": version, "workflow": name, "definition": {"initial": name, "states": states}}
    )
    actor = hostile_world.spawn(version, events=[name])[0]
    hostile_world.deploy(
        {
            "id": "end-v2",
            "parentId": version,
            "definition": {"initial": "a", "states": {"a": {}}},
            "landing": "Same",
        }
    )
    page.set_viewport_size({"width": 390, "height": 800})
    sign_in(page, hostile_world)
    for place in (
        "#/",
        f"#/w/{name}",
        f"#/w/{name}/v/{version}",
        f"#/w/{name}/points",
        f"#/w/{name}/stranded",
        f"#/w/{name}/actors",
        f"#/w/{name}/preview",
        f"#/actors/{actor}",
    ):
        go(page, place)
        outline = page.get_by_text("As an outline")
        if outline.count():
            outline.click()
        page.wait_for_function("() => document.documentElement.scrollWidth <= 390")


def test_a_script_in_a_preview_is_shown_as_text(page: Page, hostile_world: World) -> None:
    sign_in(page, hostile_world, place="#/w/bad/preview")
    page.get_by_label("From version").select_option("bad-v1")
    machine = {"initial": "start", "states": {"start": {}, f"{SCRIPT}2": {}}}
    page.get_by_role("textbox", name="Definition").fill(json.dumps(machine))
    page.get_by_role("button", name="Preview", exact=True).click()

    plan = page.get_by_role("region", name="The plan")
    expect(plan).to_contain_text("StateRemoved")
    assert SCRIPT in plan.inner_text()
    assert page.evaluate("() => window.hacked") is None


def test_names_that_mean_something_to_programs_are_names(page: Page, hostile_world: World) -> None:
    source = {
        "initial": "constructor",
        "states": {
            "constructor": {"on": {"NEXT": "one,two"}},
            "one,two": {"on": {"BACK": "constructor"}},
        },
    }
    target = {
        "initial": "prototype",
        "states": {
            "prototype": {"on": {"NEXT": "one,two,three"}},
            "one,two,three": {"on": {"BACK": "prototype"}},
        },
    }
    hostile_world.deploy({"id": "versions", "workflow": "odd", "definition": source})
    hostile_world.spawn("versions")
    hostile_world.spawn("versions", events=["NEXT"])
    sign_in(page, hostile_world, place="#/w/odd")
    graph = page.get_by_role("group", name="Versions of odd")
    expect(graph.get_by_role("link", name="versions 2 active")).to_be_visible()

    go(page, "#/w/odd/preview")
    page.get_by_label("Landing").select_option("Same")
    page.get_by_role("textbox", name="Definition").fill(json.dumps(target))
    page.get_by_role("button", name="Preview", exact=True).click()
    plan = page.get_by_role("region", name="The plan")
    expect(plan.get_by_role("status")).to_contain_text("2 would strand")
    expect(page.get_by_label("Place of constructor")).to_have_value("prototype")
    page.get_by_role("button", name="Map these and preview again").click()

    expect(plan.get_by_role("status")).to_contain_text("2 would migrate")


def test_what_is_pasted_while_a_definition_arrives_stands_alone(
    page: Page, hostile_world: World
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/definitions/bad-v1", hold)
    sign_in(page, hostile_world, place="#/w/bad/preview")
    with page.expect_request("**/v1/definitions/bad-v1"):
        page.get_by_label("From version").select_option("bad-v1")
    box = page.get_by_role("textbox", name="Definition")
    expect(box).not_to_be_editable()
    expect(box).to_have_attribute("placeholder", "Reading bad-v1…")
    held[0].continue_()
    box.fill("{}")

    expect(box).to_have_value("{}")
    page.get_by_label("From version").select_option("bad-v2")
    expect(box).to_be_editable()
    expect(box).to_have_value("{}")


def test_what_a_machine_takes_in_every_state_is_told(page: Page, hostile_world: World) -> None:
    root = {"RESET": ".one", "PING": {"actions": "pong"}}
    machine = {"initial": "one", "on": root, "states": {"one": {"on": {"GO": "two"}}, "two": {}}}
    hostile_world.deploy({"id": "root-v1", "workflow": "root", "definition": machine})
    hostile_world.deploy({"id": "bare-v1", "workflow": "bare", "definition": {"on": {"PING": {}}}})
    sign_in(page, hostile_world)

    go(page, "#/w/root/v/root-v1")
    expect(page.get_by_text("In every state: RESET → one; PING: stays")).to_be_visible()
    go(page, "#/w/bare/v/bare-v1")
    expect(page.get_by_text("This machine has no states in it")).to_be_visible()
    expect(page.get_by_text("In every state: PING: stays")).to_be_visible()


def test_a_huge_definition_is_shown_as_an_outline(page: Page, hostile_world: World) -> None:
    names = [f"s{number}" for number in range(1_200)]
    states = {name: {"on": {"NEXT": after}} for name, after in pairwise(names)}
    states[names[-1]] = {}
    definition = {"initial": "s0", "states": states}
    hostile_world.deploy({"id": "huge-v1", "workflow": "huge", "definition": definition})
    hostile_world.spawn("huge-v1", 3)
    sign_in(page, hostile_world, place="#/w/huge/v/huge-v1")

    expect(page.get_by_text("This statechart has 1200 states")).to_be_visible()
    outline = page.locator(".states li")
    expect(outline).to_have_count(1_200)
    expect(outline.first).to_contain_text("3 active")


def test_a_bad_definition_is_refused_with_a_way_out(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world, place="#/w/build/preview")
    for text, code in (
        ("{", "InvalidJson"),
        ('"x"', "InvalidDefinition"),
        (json.dumps({"a": "x" * 1_100_000}), "BodyTooLarge"),
        ('{"initial": "nowhere", "states": {"a": {"on": {"X": "b"}}}}', "InvalidDefinition"),
        (json.dumps({"initial": "a", "states": {"a": {"description": "x" * 200_000}}}), "TooLarge"),
    ):
        page.get_by_role("textbox", name="Definition").fill(text)
        page.get_by_role("button", name="Preview", exact=True).click()
        notice = page.locator(".notice.bad")
        expect(notice).to_have_attribute("data-code", code)
        expect(notice.locator(".way-out")).not_to_be_empty()


def lose(route: Route) -> None:
    """As if nobody listened."""
    route.abort("connectionrefused")


def test_a_lost_server_is_said_and_what_was_read_stays(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world, place="#/w/build")
    expect(page.get_by_role("group", name="Versions of build")).to_be_visible()

    page.route("**/v1/**", lose)
    lost = page.locator(".notice.bad[data-code='ServerLost']")
    expect(lost).to_contain_text("tries again by itself")
    expect(page.get_by_role("group", name="Versions of build")).to_be_visible()

    page.unroute("**/v1/**")
    expect(lost).to_have_count(0)


def test_what_is_read_once_is_read_again_where_it_failed(page: Page, pages_world: World) -> None:
    page.route("**/v1/definitions/build-v2", lose)
    sign_in(page, pages_world, place="#/w/build/v/build-v2")
    lost = page.locator(".notice.bad[data-code='ServerLost']")
    expect(lost).to_contain_text("tries again by itself")

    page.unroute("**/v1/definitions/build-v2")
    expect(page.get_by_role("group", name="Statechart of build-v2")).to_be_visible()
    expect(lost).to_have_count(0)


def test_a_draft_outlives_a_server_that_is_lost(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world, place="#/w/build/preview")
    box = page.get_by_role("textbox", name="Definition")
    box.fill('{"initial": "mine", "states": {"mine": {}}}')
    page.route("**/v1/**", lose)
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator(".notice.bad[data-code='ServerLost']").first).to_be_visible()
    page.unroute("**/v1/**")

    expect(page.locator(".notice.bad[data-code='ServerLost']")).to_have_count(1)
    assert "mine" in box.input_value()


def test_a_server_that_is_lost_at_sign_in_is_said(page: Page, pages_world: World) -> None:
    page.route("**/v1/**", lose)
    page.goto(pages_world.ui)
    page.get_by_label("API key").fill("any")
    page.get_by_role("button", name="Sign in").click()

    notice = page.locator(".notice.bad")
    expect(notice).to_have_attribute("data-code", "ServerLost")
    expect(notice).not_to_contain_text("by itself")


def test_a_key_that_is_revoked_ends_the_session_and_says_so(page: Page, pages_world: World) -> None:
    made = pages_world.post("/v1/keys", {"roles": ["read"], "name": "short-lived"})
    page.goto(pages_world.ui + "#/w/build")
    page.get_by_label("API key").fill(made["key"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="build")).to_be_visible()

    with pages_world.client() as client:
        client.delete(f"/v1/keys/{made['id']}")

    expect(page.locator(".notice.bad")).to_have_attribute("data-code", "KeyRevoked")
    expect(page.get_by_label("API key")).to_have_value("")


def test_a_role_without_the_right_is_told_which_it_needs(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world, "read", "#/w/build/preview")

    expect(page.locator("[data-code='RoleMissing']")).to_contain_text("role deploy or admin")
    expect(page.get_by_role("button", name="Preview", exact=True)).to_have_count(0)


def test_something_else_in_the_servers_place_is_said(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)

    def gateway(route: Route) -> None:
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    page.route("**/v1/overview/**", gateway)
    page.evaluate("() => { location.hash = '#/w/build' }")

    expect(page.locator(".notice.bad")).to_contain_text("The server answered 502")


def answering(answer: Any) -> Callable[[Route], None]:
    """A server that answers this, whatever it is asked."""
    return lambda route: route.fulfill(json=answer)


def test_an_answer_of_another_shape_is_a_sentence_and_no_blank_page(
    page: Page, pages_world: World
) -> None:
    answers: list[Any] = [{}, [], {"workflow": "build", "actors": None}]
    sign_in(page, pages_world)
    for answer in answers:
        page.route("**/v1/overview/build", answering(answer))
        page.evaluate("() => { location.hash = '#/w/build' }")
        expect(page.locator(".notice.bad")).to_contain_text("This page met a fault of its own")
        page.unroute("**/v1/overview/build")
        page.evaluate("() => { location.hash = '#/' }")
        expect(page.get_by_role("link", name="build", exact=True)).to_be_visible()


def test_without_javascript_the_page_says_what_to_do(browser: Any, pages_world: World) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages_world.ui)
    told = page.locator("body").inner_text()
    context.close()

    assert "statekeep stranded" in told
