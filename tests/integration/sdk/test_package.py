"""The package as it would be published: what is in it, who can load it, what `tsc` says of it."""

import json
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.consoles import fenced
from support.parts.fault import PartError
from support.parts.node import node_environment
from support.parts.sdk import FOLDER, ROOT, run, tarball

pytestmark = pytest.mark.valkey

PAGE = ROOT / "docs" / "sdk-typescript.md"
PRELUDE = """\
import {{ AbortedError, createClient, hasCode }} from '@statekeep/sdk';
declare const client: ReturnType<typeof createClient>;
declare const apiKey: string;
declare const loanMachine: object, nextMachine: object;
void [AbortedError, createClient, hasCode, client, apiKey, loanMachine, nextMachine];
{{
{block}
}}
"""


@pytest.fixture(scope="module")
def project(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody else, in which the tarball is installed, and xstate beside it."""
    folder = tmp_path_factory.mktemp("project")
    home = folder / "node_modules" / "@statekeep"
    home.mkdir(parents=True)
    with tarfile.open(tarball()) as archive:
        archive.extractall(home, filter="data")
    (home / "package").rename(home / "sdk")
    for name in ("xstate", "@types", "undici-types"):
        (folder / "node_modules" / name).symlink_to(sdk / "node_modules" / name)
    return folder


def names() -> list[str]:
    with tarfile.open(tarball()) as archive:
        return sorted(name.removeprefix("package/") for name in archive.getnames())


def compiled(project: Path, *arguments: str) -> str:
    """What `tsc` says; nothing where all is well."""
    tsc = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
    run = subprocess.run(
        ["node", str(tsc), "--strict", *arguments], cwd=project, env=node_environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.stdout + run.stderr


def test_the_tarball_holds_both_builds_with_their_types_and_nothing_else(sdk: Path) -> None:
    modules = {
        path.relative_to(FOLDER / "src").with_suffix("").as_posix()
        for path in (FOLDER / "src").rglob("*.ts")
    }
    built = {
        f"dist/{kind}/{module}{end}"
        for kind in ("cjs", "esm")
        for module in modules
        for end in (".js", ".d.ts")
    }
    manifests = {"package.json", "dist/cjs/package.json", "dist/esm/package.json"}
    assert set(names()) == built | manifests | {"LICENSE", "README.md"}


def test_the_manifest_asks_for_nothing_and_leads_only_to_files_that_are_there(
    project: Path,
) -> None:
    home = project / "node_modules" / "@statekeep" / "sdk"
    manifest = json.loads((home / "package.json").read_text())
    assert [key for key in manifest if key.endswith("ependencies")] == ["devDependencies"]
    assert manifest["engines"] == {"node": ">=18"}
    named = re.findall(r'"(\./[^"]+)"', json.dumps([manifest["exports"], manifest["main"]]))
    assert len(named) >= 5
    assert [name for name in named if not (home / name).is_file()] == []
    assert (home / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_nothing_in_it_is_node_s(project: Path) -> None:
    home = project / "node_modules" / "@statekeep" / "sdk" / "dist" / "esm"
    text = "".join(path.read_text() for path in home.rglob("*.js"))
    assert re.findall(r"\b(?:process|Buffer|require|__dirname|global)\b(?=[.(])", text) == []
    imported = set(re.findall(r"from '([^']+)'", text))
    assert imported
    assert [name for name in sorted(imported) if not name.startswith("./")] == []


def test_import_and_require_find_the_same(project: Path, node: Callable[..., str]) -> None:
    shown = "console.log(Object.keys(sdk).sort().join(' '), typeof sdk.createClient)"
    (project / "in.mjs").write_text(f"import * as sdk from '@statekeep/sdk'; {shown}")
    (project / "in.cjs").write_text(f"const sdk = require('@statekeep/sdk'); {shown}")
    by_import, by_require = node(project, "in.mjs"), node(project, "in.cjs")

    assert by_import == by_require
    assert by_import.endswith(" function\n")
    assert {"StateKeepError", "createClient", "toDefinition"} <= set(by_import.split())


def test_an_error_of_one_build_has_its_code_for_the_other(
    project: Path, node: Callable[..., str]
) -> None:
    (project / "both.cjs").write_text(
        "const { createClient } = require('@statekeep/sdk');"
        "import('@statekeep/sdk').then(async ({ hasCode, StateKeepError }) => {"
        "  const error = await createClient({ baseUrl: 'http://x' }).get('').catch((e) => e);"
        "  console.log(error instanceof StateKeepError, hasCode(error, 'InvalidArgument'));"
        "});"
    )
    assert node(project, "both.cjs") == "false true\n"


WANTED = """\
import { createClient, type EventAnswer } from '@statekeep/sdk';
export const sent: Promise<EventAnswer> = createClient({ baseUrl: 'http://x' }).send('a', 'GO');
// @ts-expect-error a number is no id
createClient({ baseUrl: 'http://x' }).get(7);
"""


WITH_DOM = ["--lib", "es2022,dom"]
WITH_NODE = ["--lib", "es2022", "--types", "node"]


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("esm.mts", ["--module", "nodenext", *WITH_NODE]),
        ("cjs.cts", ["--module", "nodenext", *WITH_NODE]),
        ("bundled.ts", ["--module", "esnext", "--moduleResolution", "bundler", *WITH_DOM]),
        ("exact.mts", ["--module", "nodenext", "--exactOptionalPropertyTypes", *WITH_DOM]),
    ],
)
def test_tsc_takes_it_strictly(project: Path, file: str, options: list[str]) -> None:
    (project / file).write_text(WANTED)
    assert compiled(project, "--noEmit", "--target", "es2022", *options, file) == ""


def test_every_program_of_the_pages_is_taken(project: Path) -> None:
    pages = (PAGE, FOLDER / "README.md", ROOT / "README.md")
    blocks = [block for page in pages for block in fenced(page.read_text(encoding="utf-8"), "ts")]
    folder = project / "blocks"
    folder.mkdir()
    for number, block in enumerate(blocks):
        text = block if "import " in block else PRELUDE.format(block=block)
        (folder / f"block{number}.mts").write_text(text)
    files = sorted(str(path) for path in folder.iterdir())

    assert len(files) >= 7
    options = ["--noEmit", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    assert compiled(project, *options, *files) == ""


def test_the_program_of_the_page_prints_what_stands_there(
    project: Path, node: Callable[..., str]
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (project / "loan.mts").write_text(fenced(page, "ts")[0])
    options = ["--target", "es2022", "--module", "nodenext", "--types", "node"]

    assert compiled(project, *options, "loan.mts") == ""
    assert node(project, "loan.mjs") == fenced(page, "text")[0]


def test_a_build_that_fails_is_one_sentence(sdk: Path) -> None:
    with pytest.raises(PartError) as caught:
        run("node", "--eval", "console.log('src/x.ts(1,1): error TS1005'); process.exit(2)")

    assert str(caught.value).startswith("the SDK: node --eval")
    assert str(caught.value).endswith(" failed: src/x.ts(1,1): error TS1005")
