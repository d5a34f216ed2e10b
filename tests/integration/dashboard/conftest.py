"""A server for the whole run, and a browser for each file: its loop would be in others' way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.dashboards import Watched, World, browsing, chaos, runtime, why_not

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with runtime(tmp_path_factory.mktemp("dashboard") / "runtime") as url:
        yield url


@pytest.fixture(scope="session")
def pages_world(server_url: str) -> World:
    """The chaos workflows, for tests that change nothing."""
    return chaos(World(server_url, "pages"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with browsing() as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page in which nothing may go wrong unseen: no fault, no refusal of the policy."""
    page = context.new_page()
    watched = Watched(page)
    yield page
    assert watched.faults == []
