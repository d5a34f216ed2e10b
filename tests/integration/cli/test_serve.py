"""`statekeep serve` as a process: it starts, says where, drains, stops, and keeps what it has."""

import socket
import threading
from pathlib import Path

import httpx
import pytest

from statekeep.storage.embedded import EmbeddedValkey
from support.command_line import statekeep
from support.serving import embedded_key, refused, serving
from support.web_server import LOAN_V1, bootstrap_key, write_secrets

pytestmark = pytest.mark.valkey


@pytest.fixture
def valkey(tmp_path: Path) -> EmbeddedValkey:
    return EmbeddedValkey(tmp_path / "valkey", fsync="always")


def variables(directory: Path, url: str) -> dict[str, str]:
    settings = write_secrets(directory)
    return {
        "STATEKEEP_REDIS_URL": url,
        "STATEKEEP_KEY_RING": str(settings.key_ring),
        "STATEKEEP_PEPPER_FILE": str(settings.pepper_file),
        "STATEKEEP_API_KEYS_FILE": str(settings.api_keys_file),
    }


def test_the_example_of_the_issue_runs_and_survives_a_restart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving("--embedded", "--data-dir", str(home)) as server:
        key = embedded_key(home)
        with httpx.Client(base_url=server.url, headers={"x-api-key": key}) as client:
            body = {**LOAN_V1, "id": "loan-application-v1"}
            client.post("/v1/definitions", json=body).raise_for_status()
            response = client.post(
                "/v1/actors",
                json={
                    "definitionId": "loan-application-v1",
                    "initialContext": {"applicantId": "user_123", "amount": 50000},
                },
            )
            actor = response.json()["id"]
            answer = client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
        assert answer.json()["stateValue"] == "review"
        assert server.stop() == 0
    with serving("--embedded", "--data-dir", str(home)) as server:
        found = httpx.get(f"{server.url}/v1/actors/{actor}", headers={"x-api-key": key}).json()
        assert found["stateValue"] == "review"
        assert found["context"] == {"applicantId": "user_123", "amount": 50000}


def test_keys_are_managed_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    with serving("--embedded", "--data-dir", str(home)) as server:
        monkeypatch.setenv("STATEKEEP_URL", server.url)
        monkeypatch.setenv("STATEKEEP_API_KEY", embedded_key(home))
        made = statekeep("keys", "create", "--role", "send", "--name", "backend")
        assert (made.code, made.out[:4]) == (0, "stk_")
        listed = statekeep("keys", "list")
        assert [line.split()[1:3] for line in listed.out.splitlines()[1:]] == [["backend", "send"]]
        key_id = made.out.split("_")[1]
        assert statekeep("keys", "revoke", key_id).out == f"revoked {key_id}\n"
        again = statekeep("keys", "revoke", "nothing")
        assert again.code == 4
        assert "UnknownKey: there is no key 'nothing'" in again.err
        wrong = statekeep("keys", "list", "--api-key", "wrong")
        assert wrong.code == 4
        assert "KeyUnknown" in wrong.err


def test_without_a_server_a_command_says_how_to_get_one() -> None:
    ended = statekeep("keys", "list", "--server", "http://127.0.0.1:9", "--api-key", "x")
    assert ended.code == 3
    assert "http://127.0.0.1:9/v1/keys does not answer" in ended.err
    assert "statekeep serve --embedded" in ended.err


def test_a_stop_finishes_what_has_begun(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    with valkey, serving(**variables(tmp_path, valkey.url)) as server:
        headers = {"x-api-key": bootstrap_key("lending", "admin")}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            client.post("/v1/definitions", json=LOAN_V1).raise_for_status()
        outcomes: list[int] = []
        stopping = threading.Event()

        def spawn() -> None:
            with httpx.Client(base_url=server.url, headers=headers) as mine:
                while True:
                    try:
                        sent = mine.post("/v1/actors", json={"definitionId": "loan-v1"})
                    except httpx.TransportError:
                        return
                    outcomes.append(sent.status_code)
                    if len(outcomes) == 40:
                        stopping.set()

        threads = [threading.Thread(target=spawn) for _ in range(4)]
        for thread in threads:
            thread.start()
        stopping.wait(timeout=30)
        assert server.stop() == 0
        for thread in threads:
            thread.join(timeout=30)
        assert set(outcomes) == {201}
        assert len(outcomes) >= 40


def test_readiness_follows_the_store(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    with valkey, serving(**variables(tmp_path, valkey.url)) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        valkey.kill()
        gone = httpx.get(f"{server.url}/readyz", timeout=10)
        assert (gone.status_code, gone.json()["ready"]) == (503, False)
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        valkey.start()
        assert httpx.get(f"{server.url}/readyz").json()["ready"] is True


@pytest.mark.parametrize(
    ("line", "flags", "name", "ready"),
    [
        ("maxmemory-policy allkeys-lru", (), "maxmemoryPolicy", False),
        ("appendonly no", (), "appendOnly", False),
        ("appendonly no", ("--allow-no-aof",), "appendOnly", True),
    ],
)
def test_a_store_that_would_lose_data_is_not_ready(
    tmp_path: Path, line: str, flags: tuple[str, ...], name: str, ready: bool
) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey", settings=(line,))
    with valkey, serving(*flags, **variables(tmp_path, valkey.url)) as server:
        answer = httpx.get(f"{server.url}/readyz")
        checks = {check["name"]: check["ok"] for check in answer.json()["checks"]}
        assert (checks[name], answer.status_code == 200) == (ready, ready)


def test_logs_are_json_lines_without_secrets(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    with valkey, serving(**variables(tmp_path, valkey.url)) as server:
        settings = next(line for line in server.lines if line["msg"] == "listening")["settings"]
        assert settings["redis_url"].startswith("redis://********@127.0.0.1:")
        assert valkey.url.split("@")[0].rpartition(":")[2] not in str(server.lines)


def test_what_prevents_a_start_is_said_in_a_sentence(tmp_path: Path) -> None:
    secrets = variables(tmp_path, "redis://127.0.0.1:1")
    del secrets["STATEKEEP_REDIS_URL"]
    code, said = refused(**secrets)
    assert code == 2
    assert "--redis-url is missing: name a store, or use --embedded" in said
    code, said = refused("--rate", "many", **secrets)
    assert code == 2
    assert "--rate (STATEKEEP_RATE) is 'many', and must be a whole number" in said


def test_a_port_that_is_taken_is_said_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        home = ("--embedded", "--data-dir", str(tmp_path / "home"))
        code, said = refused(*home, "--port", port)
    assert code == 2
    assert f"Serving at http://127.0.0.1:{port}" in said
    assert "take another with --port" in said


def test_the_settings_are_shown_with_secrets_hidden() -> None:
    ended = statekeep("serve", "--redis-url", "redis://u:hunter2@h:1/0", "--show-settings")
    assert ended.code == 0
    assert "STATEKEEP_REDIS_URL=redis://********@h:1/0" in ended.out
    assert "hunter2" not in ended.out
