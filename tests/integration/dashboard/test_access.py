"""The dashboard without a mouse, without sight of colours, and on narrow screens."""

from typing import Literal

from playwright.sync_api import Locator, Page, expect

from support.dashboards import World, axe, go, sign_in

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (390, 820, 1280)
PLACES = (
    "#/",
    "#/w/build",
    "#/w/issue/v/issue-v2",
    "#/w/build/points/build-v2.build-v1",
    "#/w/issue/stranded",
    "#/w/build/actors",
    "#/w/issue/preview?parent=issue-v2&map=in_review",
    "#/actors/{failed-1}",
    "#/search?q={failed-1}",
)


def places(world: World) -> list[str]:
    """A place of every kind."""
    name = "failed-1"
    return [place.replace(f"{{{name}}}", world.actors[name]) for place in PLACES]


def test_axe_finds_nothing_serious_in_either_theme(page: Page, pages_world: World) -> None:
    source = axe()
    page.goto(pages_world.ui)
    found = in_both_themes(page, source, "sign-in")
    sign_in(page, pages_world)
    for place in places(pages_world):
        go(page, place)
        if "preview" in place:
            page.get_by_role("button", name="Preview", exact=True).click()
            page.get_by_role("region", name="Suggested mapping").wait_for()
        if "stranded" in place:
            page.get_by_role("button", name="Show the actors").first.click()
            expect(page.locator(".loading")).to_have_count(0)
        found |= in_both_themes(page, source, place)

    assert {place: faults for place, faults in found.items() if faults} == {}


def in_both_themes(page: Page, source: str, place: str) -> dict[str, list[str]]:
    """What axe-core finds at a place, by theme."""
    found = {}
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found[f"{place} in {theme}"] = serious(page, source)
    return found


def serious(page: Page, source: str) -> list[str]:
    """What axe-core finds that is serious or critical, with the element."""
    page.evaluate(source)
    ran = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for violation in ran["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_everything_can_be_reached_by_keyboard(page: Page, pages_world: World) -> None:
    page.goto(pages_world.ui)
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(pages_world.key("read"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="issue", exact=True)).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="issue", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="issue", exact=True)).to_be_focused()

    graph = page.get_by_role("group", name="Versions of issue")
    tab_to(page, graph)
    tab_to(page, graph.get_by_role("link", name="issue-v2 20 active"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="issue-v2")).to_be_focused()

    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Stranded 10"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Stranded actors")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Show the actors").first)
    page.keyboard.press("Enter")
    actor = page.locator(".card").first.get_by_role("listitem").first.get_by_role("link")
    tab_to(page, actor)
    page.keyboard.press("Enter")
    expect(page.get_by_text("StateBecameParallel").first).to_be_visible()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this has the focus; whatever has it on the way must show it."""
    wanted.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => {
                const here = document.activeElement;
                const inside = ":scope > .state > rect, :scope > .arrow path";
                const drawn = here.querySelector(inside) ?? here;
                const style = getComputedStyle(drawn);
                return here.matches(":focus-visible") &&
                    (style.outlineStyle !== "none" || parseFloat(style.strokeWidth) > 2);
            }"""
        )
        assert shown, page.evaluate("() => document.activeElement.outerHTML.slice(0, 300)")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_no_page_is_wider_than_the_screen(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    wide = {}
    for place in places(pages_world):
        go(page, place)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            room = page.evaluate("() => document.documentElement.scrollWidth")
            if room > width:
                wide[place, width] = room

    assert wide == {}


def test_each_page_names_itself(page: Page, pages_world: World) -> None:
    sign_in(page, pages_world)
    titles = []
    for place in places(pages_world):
        go(page, place)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        titles.append(page.title())

    assert len(set(titles)) == len(titles)
    assert titles[2] == "issue-v2 · StateKeep"
