"""The pages for people: what they quote is what tests run, and what they link to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "docs/concepts.md",
    "docs/how-to.md",
    "docs/gitops.md",
    "docs/comparison.md",
    "docs/sdk-typescript.md",
]
QUOTE = re.compile(r"\[(examples/[^\]]+\.yaml)\]|^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]+))?\)")


def quotes() -> list[tuple[str, str]]:
    """Each piece of YAML of the recipes, with the example that was named last before it."""
    found, example = [], ""
    for match in QUOTE.finditer((ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")):
        example = match[1] or example
        if match[2]:
            found.append((example, match[2]))
    return found


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("example", "piece"), quotes())
def test_a_quoted_piece_is_in_its_example(example: str, piece: str) -> None:
    assert piece in (ROOT / example).read_text(encoding="utf-8")


def test_the_recipes_quote_examples() -> None:
    assert len({example for example, _ in quotes()}) >= 6


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: str) -> None:
    here = ROOT / page
    lost = []
    for file, heading in LINK.findall(here.read_text(encoding="utf-8")):
        target = (here.parent / file).resolve() if file else here
        if not target.exists() or (heading and heading not in anchors(target)):
            lost.append((file, heading))
    assert lost == []


@pytest.mark.parametrize("page", PAGES)
def test_no_verdict_is_called_safe(page: str) -> None:
    """A landing is valid by history; what the outside world makes of it nobody here can know."""
    assert re.findall(r"\bsafe(?:ly)?\b", (ROOT / page).read_text(encoding="utf-8")) == []
