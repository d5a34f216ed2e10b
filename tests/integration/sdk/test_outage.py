"""A program that uses the SDK outlives a restart of the server, and every event happens once."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from support.parts.node import node_environment
from support.parts.ports import free_ports
from support.serving import Server, embedded_key, serving

pytestmark = pytest.mark.valkey

PROGRAM = """
import { createClient } from '@statekeep/sdk';
import { createInterface } from 'node:readline';

const { STATEKEEP_URL: baseUrl, STATEKEEP_API_KEY: apiKey } = process.env;
const client = createClient({ baseUrl, apiKey, retries: { retries: 1000, ceiling: 200 } });
const states = { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } };
await client.deploy('pendulum', { initial: 'a', states }, { workflow: 'pendulum' });
const id = await client.spawn('pendulum');
let sent = 0;
let ended = false;
createInterface({ input: process.stdin }).on('close', () => { ended = true; });
while (!ended) {
  await client.send(id, 'GO');
  sent += 1;
  if (sent % 10 === 0) console.log(sent);
}
const { historyLength, revision } = await client.get(id);
console.log(JSON.stringify({ sent, historyLength, revision }));
"""


@contextmanager
def running(sdk: Path, server: Server, key: str) -> Iterator[subprocess.Popen[str]]:
    """The program, until the block ends."""
    (sdk / "build" / "outage.mjs").write_text(PROGRAM)
    known = {"STATEKEEP_URL": server.url, "STATEKEEP_API_KEY": key}
    with subprocess.Popen(
        ["node", "build/outage.mjs"], cwd=sdk, env={**node_environment(), **known},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        try:
            yield program
        finally:
            program.kill()


def test_the_server_goes_and_comes_back_and_nothing_happens_twice(
    sdk: Path, tmp_path: Path
) -> None:
    home, [port] = tmp_path / "home", free_ports(1)
    arguments = ("--embedded", "--data-dir", str(home), "--port", str(port))
    with ExitStack() as stack:
        with serving(*arguments) as server:
            program = stack.enter_context(running(sdk, server, embedded_key(home)))
            assert program.stdout is not None
            assert program.stdout.readline() == "10\n"
            server.process.kill()
        stack.enter_context(serving(*arguments))
        seen = [int(program.stdout.readline()) for _ in range(20)]
        rest, _ = program.communicate("", timeout=60)

    found = json.loads(rest.splitlines()[-1])
    assert program.returncode == 0
    assert found["sent"] >= seen[-1] > seen[0] > 10
    assert (found["historyLength"], found["revision"]) == (found["sent"], found["sent"])
