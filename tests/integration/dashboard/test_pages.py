"""Every page of the dashboard in a real Chromium, on a real server with the chaos workflows."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from support.dashboards import World, behind_prefix, key_of, sign_in


def at(page: Page, place: str) -> None:
    """Go to a place in the dashboard."""
    page.evaluate("place => { location.hash = place }", place)


def test_the_workflows_are_listed_with_their_counts(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)

    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    rows = page.get_by_role("group", name="Workflows").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("build")
    expect(rows.nth(0)).to_contain_text(re.compile("25 active.*5 need rescue"))
    expect(rows.nth(2)).to_contain_text("30 active")


def test_versions_are_a_graph_with_their_actors(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    page.get_by_role("link", name="build", exact=True).click()

    graph = page.get_by_role("group", name="Versions of build")
    expect(graph.locator("[data-version='build-v2']")).to_have_attribute("data-count", "25")
    expect(graph.locator("[data-version='build-v1']")).to_contain_text("5 need rescue")
    way = graph.get_by_role("link", name="change-point build-v2.build-v1")
    expect(way).to_contain_text("25 migrated, 5 stranded")
    graph.get_by_role("link", name="build-v2 25 active").click()
    expect(page.get_by_role("heading", name="build-v2")).to_be_visible()


def test_a_statechart_is_nested_and_says_how_many_are_in_each_state(
    page: Page, pages_world: World
) -> None:
    sign_in(page, pages_world)
    at(page, "#/w/issue/v/issue-v2")

    chart = page.get_by_role("group", name="Statechart of issue-v2")
    for path, count in (("open", "12"), ("approved", "8"), ("in_progress", "0")):
        expect(chart.locator(f"[data-path='{path}']")).to_have_attribute("data-count", count)
    parallel = chart.locator("[data-path='in_progress'] > rect").bounding_box()
    inner = chart.locator("[data-path='in_progress.coding.working'] > rect").bounding_box()
    assert parallel is not None
    assert inner is not None
    assert parallel["x"] < inner["x"]
    assert inner["x"] + inner["width"] < parallel["x"] + parallel["width"]
    assert parallel["y"] < inner["y"] < parallel["y"] + parallel["height"]

    page.get_by_text("As an outline").click()
    expect(page.locator(".states")).to_contain_text("coding")
    chart.get_by_role("link", name="open 12").click()
    expect(page.get_by_text("12 read")).to_be_visible()


def test_a_change_point_shows_anchor_plan_result_who_and_when(
    page: Page, pages_world: World
) -> None:
    with pages_world.client() as client:
        point = client.get("/v1/change-points/build-v2.build-v1").json()
    sign_in(page, pages_world)
    at(page, "#/w/build/points")
    page.get_by_role("link", name="build-v2.build-v1").click()

    told = page.get_by_role("region", name="Change-point build-v2.build-v1")
    for part in ("any history", "25 migrated", "5 stranded", point["result"]["planHash"]):
        expect(told).to_contain_text(part)
    expect(told).to_contain_text(point["anchorHash"])
    expect(told).to_contain_text(f"by {point['deployedBy']}")
    expect(told).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"))


def test_the_stranded_are_grouped_with_their_way_out(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    at(page, "#/w/issue/stranded")

    cards = page.locator(".card.stuck")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("6 actors in in_progress")
    expect(cards.nth(0)).to_contain_text("StateBecameParallel")
    expect(cards.nth(1)).to_contain_text("4 actors in in_review")
    expect(cards.nth(1)).to_contain_text("deploy a next version with parent issue-v2")
    cards.nth(1).get_by_role("button", name="Show the actors").click()
    expect(cards.nth(1).get_by_role("group").get_by_role("listitem")).to_have_count(4)


def test_a_preview_shows_the_plan_and_its_suggestion_lands_everybody(
    page: Page, pages_world: World
) -> None:
    sign_in(page, pages_world)
    at(page, "#/w/issue/stranded")
    page.locator(".card.stuck").nth(1).get_by_role("link", name="Preview a way out").click()
    expect(page.get_by_label("State 1 of the source")).to_have_value("in_review")
    page.get_by_role("button", name="Preview", exact=True).click()

    plan = page.get_by_role("region", name="The plan")
    expect(plan.get_by_role("status")).to_contain_text("20 would migrate")
    expect(plan.get_by_role("status")).to_contain_text("10 would strand")
    bands = plan.locator("path.band")
    expect(bands).to_have_count(4)
    expect(plan.locator("path.band.stranded")).to_have_count(2)
    expect(page.get_by_label("Place of in_review")).to_have_value("code_review")
    expect(page.get_by_label("Place of in_progress")).to_have_value("in_progress")
    page.get_by_role("button", name="Map these and preview again").click()

    expect(plan.get_by_role("status")).to_contain_text("30 would migrate")
    expect(plan.locator("path.band.stranded")).to_have_count(0)
    with pages_world.client() as client:
        assert client.get("/v1/overview/issue").json()["versions"] == 2


def test_a_page_asks_no_sooner_than_the_server_has_something_new(
    page: Page, pages_world: World
) -> None:
    asked: list[str] = []

    def resting(route: Route) -> None:
        answer = route.fetch()
        asked.append(route.request.url)
        route.fulfill(response=answer, headers={**answer.headers, "retry-after": "8"})

    page.clock.install()
    page.route("**/v1/overview/session", resting)
    sign_in(page, pages_world, place="#/w/session")
    expect(page.get_by_role("group", name="Versions of session")).to_be_visible()
    page.clock.run_for(7_900)
    assert len(asked) == 1
    with page.expect_response("**/v1/overview/session"):
        page.clock.run_for(2_100)
    assert len(asked) == 2


def test_a_registered_version_can_be_picked_for_a_preview(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    at(page, "#/w/session/preview")
    page.get_by_label("pick a registered version").check()
    page.get_by_label("From version").select_option("session-v3")
    page.get_by_label("To version").select_option("session-v1")
    page.get_by_role("button", name="Preview", exact=True).click()

    # Nobody goes back: the refusal is the server's own, with its way out.
    expect(page.locator(".notice.bad")).to_have_attribute("data-code", "BackwardMigration")
    expect(page.locator(".notice.bad .way-out")).not_to_be_empty()


def test_an_actor_shows_its_time_line_its_decisions_and_their_hashes(
    page: Page, pages_world: World
) -> None:
    actor = pages_world.actors["failed-1"]
    with pages_world.client() as client:
        decision = client.get(f"/v1/actors/{actor}/decisions").json()["items"][0]
    sign_in(page, pages_world)
    at(page, f"#/actors/{actor}")

    line = page.get_by_role("region", name="Time line").get_by_role("listitem")
    expect(line).to_have_count(4)
    expect(line.nth(1)).to_contain_text("START")
    expect(line.nth(2)).to_contain_text("FAIL")
    expect(line.nth(3)).to_contain_text("Stranded on build-v1 in failed: StateRemoved")
    expect(line.nth(3)).to_contain_text(decision["fingerprint"])
    expect(line.nth(3)).to_contain_text(decision["planHash"].removeprefix("sha256:")[:12])
    expect(
        page.get_by_role("group", name="Statechart of build-v1").locator(".active")
    ).to_have_count(1)
    expect(page.get_by_role("link", name="The way out")).to_be_visible()


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("send", True), ("read", False)])
def test_contexts_are_shown_to_roles_that_may_see_them(
    page: Page, pages_world: World, role: str, sees: bool
) -> None:
    body = {"definitionId": "session-v3", "initialContext": {"applicant": "user_123"}}
    actor = pages_world.post("/v1/actors", body)["id"]
    sign_in(page, pages_world, role, f"#/actors/{actor}")

    facts = page.get_by_role("region", name="Facts")
    if sees:
        expect(facts).to_contain_text("user_123")
    else:
        expect(facts).to_contain_text("this key may not see them")
        expect(facts).not_to_contain_text("user_123")
    with pages_world.client() as client:
        client.delete(f"/v1/actors/{actor}")


def test_anything_is_found_by_its_id(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    for asked, kind in (
        ("build-v1", "version"),
        ("build-v2.build-v1", "change-point"),
        ("session", "workflow"),
        (pages_world.actors["failed-1"], "actor"),
    ):
        page.get_by_role("searchbox").fill(asked)
        page.get_by_role("searchbox").press("Enter")
        hit = page.locator(".hits li").filter(has_text=asked)
        expect(hit).to_contain_text(kind)
        hit.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("Found")
        expect(page.locator(".notice.bad")).to_have_count(0)


def test_what_is_not_there_is_said_to_be_not_there(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world, place="#/search?q=nobody")
    expect(page.get_by_text("has exactly this id")).to_be_visible()
    for place, said in (
        ("#/actors/nobody", "There is no such actor"),
        ("#/w/nothing", "There is no such workflow"),
        ("#/w/build/v/build-v9", "There is no such version"),
        ("#/w/build/nowhere", "There is no such part"),
        ("#/nowhere", "There is no such page"),
    ):
        at(page, place)
        expect(page.get_by_text(said).first).to_be_visible()


def test_a_deployment_is_seen_without_a_reload(page: Page, server_url: str) -> None:
    world = World(server_url, "access")
    world.play("session", until="session-v2")
    sign_in(page, world, place="#/w/session")
    graph = page.get_by_role("group", name="Versions of session")
    expect(graph.locator("[data-version]")).to_have_count(1)
    expect(page.locator("dd[data-status='active']")).to_have_text("30")

    world.play_from("session", "session-v2", "session-v3")

    expect(page.locator("dd[data-status='needs_rescue']")).to_have_text("10")
    expect(graph.locator("[data-version='session-v2']")).to_have_attribute("data-count", "20")
    expect(page.get_by_role("status").filter(has_text="10 actors now need rescue")).to_have_count(1)


def test_a_key_that_is_not_known_is_refused_and_another_gets_in(
    page: Page, pages_world: World
) -> None:
    page.goto(pages_world.ui)
    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".notice.bad")).to_have_attribute("data-code", "KeyUnknown")

    page.get_by_label("API key").fill(pages_world.key("read"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_have_value("")


def test_the_operators_key_is_asked_for_a_tenant(page: Page, pages_world: World) -> None:
    page.goto(pages_world.ui)
    page.get_by_label("API key").fill("operator".ljust(40, "o"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Tenant (namespace)").fill(pages_world.tenant)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("link", name="build", exact=True)).to_be_visible()


def test_the_key_is_kept_nowhere_but_in_memory(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    stores = "[{...localStorage}, {...sessionStorage}, document.cookie, location.href]"
    kept = page.evaluate(f"() => JSON.stringify({stores})")
    assert key_of("pages", "admin") not in kept

    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")


def test_it_works_behind_a_path_prefix(page: Page, pages_world: World) -> None:
    with behind_prefix(pages_world.url, "/tools/keep") as url:
        page.goto(f"{url}/ui")
        page.get_by_label("API key").fill(pages_world.key("read"))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="build", exact=True).click()
        expect(page.get_by_role("group", name="Versions of build")).to_be_visible()
        assert page.url == f"{url}/ui/#/w/build"


def test_everything_comes_from_the_server_itself(page: Page, pages_world: World) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, pages_world, place="#/w/issue/v/issue-v2")
    expect(page.get_by_role("group", name="Statechart of issue-v2")).to_be_visible()

    assert [url for url in asked if not url.startswith((pages_world.url, "blob:"))] == []


def test_the_theme_can_be_chosen_and_is_remembered(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    ground = "() => getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()

    assert page.evaluate(ground) != before
    page.reload()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
