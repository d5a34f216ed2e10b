"""`helm test`: the runtime takes a workflow, an actor and an event, and forgets the actor again."""

import os
import time
from pathlib import Path

from statekeep.client import Client, NoServer, ProblemAnswer

URL, TENANT = os.environ["STATEKEEP_URL"], "helm-test"
OPERATOR_KEY = Path(os.environ["STATEKEEP_API_KEY_FILE"]).read_text().strip()
HELLO = {
    "id": "hello-v1",
    "workflow": "hello",
    "definition": {
        "initial": "waiting",
        "states": {"waiting": {"on": {"GREET": "greeted"}}, "greeted": {"type": "final"}},
    },
}
PATIENCE = 60.0


def trial() -> None:
    with Client(URL, OPERATOR_KEY, tenant=TENANT) as operator:
        key = operator.create_key(["admin"], name="helm test")
        with Client(URL, key.key) as person:
            person.deploy(HELLO)
            actor = person.spawn("hello-v1").id
            answer = person.send(actor, "GREET")
            person.delete(actor)
        operator.revoke_key(key.id)
    assert answer.accepted, answer
    assert answer.state_value == "greeted", answer
    print(f"{URL}: an actor was spawned, took an event and is in {answer.state_value!r}")


def main() -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return trial()
        except (NoServer, ProblemAnswer) as error:
            if time.monotonic() > deadline or getattr(error, "status", 503) < 500:
                raise
            print(f"not yet: {error}")
            time.sleep(1)


main()
