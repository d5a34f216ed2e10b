"""The webhook as people meet it: warnings with the preview, dry runs too, and few refusals."""

import json
import socket
import ssl
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statekeep_operator.certificates import SERVING_LIFE, Certificates, issued, read, written
from statekeep_operator.kube import MANAGER
from support.cluster import Manifest, change_point, definition
from support.operators import Stage, condition, eventually
from support.parts.fault import PartError
from support.parts.ports import free_ports
from support.webhooks import bundle, tried, warnings

pytestmark = pytest.mark.cluster

BUILD: Manifest = {
    "initial": "queued",
    "states": {
        "queued": {"on": {"START": "running"}},
        "running": {"on": {"PASS": "passed", "FAIL": "failed"}},
        "failed": {"on": {"RETRY": "running"}},
        "passed": {"type": "final"},
    },
}
RENAMED = json.loads(json.dumps(BUILD).replace("failed", "error"))
MOVES: list[Manifest] = [{"name": "all", "from": "build-v1"}]


def test_a_dry_run_tells_who_would_strand_and_then_who_would_not(hooked: Stage) -> None:
    hooked.apply(definition("build-v1", "build", definition=BUILD))
    hooked.ready("wd", "build-v1")
    hooked.spawn("build-v1", 25)
    hooked.spawn("build-v1", 5, ["START", "FAIL"])
    second = definition("build-v2", "build", definition=RENAMED, migrations=MOVES)
    first, total, *_ = warnings(hooked, second)
    assert first == "5 of 30 actors would strand in `failed` of build-v1: StateRemoved"
    assert total == "5 of 30 would strand, 25 would migrate, 0 would stay"
    mapped = [{**MOVES[0], "stateMapping": {"failed": "error"}}]
    mended = definition("build-v2", "build", definition=RENAMED, migrations=mapped)
    assert warnings(hooked, mended)[0] == "0 of 30 would strand, 30 would migrate, 0 would stay"
    assert hooked.status("wd", "build-v2") == {}, "a dry run stores nothing"


def test_a_machine_that_is_wrong_is_refused(hooked: Stage) -> None:
    broken = {"initial": "draught", "states": {"draft": {}}}
    run = tried(hooked, definition("loan-v1", definition=broken))
    assert run.returncode != 0
    assert "InvalidDefinition: /initial: `draught` is no child of this state" in run.stderr


SWITCH = """
apiVersion: statekeep.dev/v1alpha1
kind: WorkflowDefinition
metadata: {name: lamp-v1}
spec:
  workflow: lamp
  definition:
    initial: "off"
    states:
      off: {on: {PRESS: "on"}}
      on: {on: {PRESS: "off"}}
"""
"""Two states whose names YAML 1.1 takes for booleans; only the places that name them are quoted."""


def test_states_that_yaml_made_booleans_are_refused_and_told_in_conditions(hooked: Stage) -> None:
    sentence = (
        'the state name "false" is how YAML 1.1 reads a plain off, no or n; quote it in YAML, or '
        "use definitionJSON"
    )
    with pytest.raises(PartError) as caught:
        hooked.desk.kubectl("apply", "-f", "-", stdin=SWITCH)
    assert sentence in str(caught.value)
    hooked.operator.stop()
    hooked.desk.kubectl("apply", "-f", "-", stdin=SWITCH)
    hooked.operator.start()
    status = hooked.waits("wd", "lamp-v1", "InvalidDefinition")
    stalled = condition(status, "Stalled")
    assert (stalled["status"], sentence in stalled["message"]) == ("True", True), stalled


def test_a_machine_that_is_changed_in_place_is_refused(hooked: Stage) -> None:
    hooked.apply(definition("loan-v1"))
    hooked.ready("wd", "loan-v1")
    run = tried(hooked, definition("loan-v1", definition=BUILD))
    assert run.returncode != 0
    assert "a version never changes" in run.stderr


def test_what_another_object_can_cure_is_a_warning(hooked: Stage) -> None:
    early = definition("loan-v2", migrations=[{"name": "all", "from": "loan-v1"}])
    assert warnings(hooked, early)[0].startswith("UnknownVersion: ")
    assert warnings(hooked, change_point("x", from_="loan-v1", to="loan-v2"))[0].startswith(
        "UnknownVersion: "
    )


def test_without_the_webhook_nothing_is_refused_and_the_condition_tells(hooked: Stage) -> None:
    hooked.operator.stop()
    broken = {"initial": "draught", "states": {"draft": {}}}
    assert tried(hooked, definition("loan-v1", definition=broken)).returncode == 0


# --- its certificates ---------------------------------------------------------------------------


def stored(stage: Stage) -> Certificates:
    data = stage.desk.get("secret", "statekeep-operator-webhook")["data"]
    found = read(data)
    assert found is not None
    return found


def store(stage: Stage, known: Certificates) -> None:
    patch = json.dumps({"data": written(known)})
    stage.desk.kubectl("patch", "secret", "statekeep-operator-webhook", "-p", patch)


def test_the_operator_owns_one_field_of_the_configuration(hooked: Stage) -> None:
    found = hooked.desk.plane.get(
        "validatingwebhookconfiguration", "statekeep", "--show-managed-fields"
    )
    (ours,) = [m for m in found["metadata"]["managedFields"] if m["manager"] == MANAGER]
    assert ours["operation"] == "Apply"
    assert ours["fieldsV1"] == {
        "f:webhooks": {
            'k:{"name":"validate.statekeep.dev"}': {
                ".": {},
                "f:name": {},
                "f:clientConfig": {"f:caBundle": {}},
            }
        }
    }


def test_a_certificate_that_ends_soon_is_renewed_by_the_same_authority(hooked: Stage) -> None:
    names, now = ("127.0.0.1", "localhost"), datetime.now(UTC)
    old = issued(names, now - SERVING_LIFE + timedelta(days=29), None)
    store(hooked, old)
    hooked.operator.stop()
    hooked.operator.start()
    eventually(lambda: stored(hooked) != old, "it is renewed")
    assert stored(hooked).authorities == old.authorities
    eventually(
        lambda: b64decode(bundle(hooked.desk)) == old.authorities,
        "the API server is told of the authority",
    )
    eventually(lambda: warnings(hooked, definition("probe")) == [], "it is believed")


def test_two_replicas_serve_one_certificate(hooked: Stage, tmp_path: Path) -> None:
    before = stored(hooked)
    (port,) = free_ports(1)
    options = {**hooked.operator.options, "webhook-port": str(port)}
    second = replace(hooked.operator, directory=tmp_path / "second", options=options)
    second.start("standby")
    try:
        authority = ssl.create_default_context(cadata=before.authorities.decode())
        eventually(lambda: served_by(port, authority), "the second one serves, too")
        assert served_by(port, authority) == ssl.PEM_cert_to_DER_cert(before.serving.decode())
    finally:
        second.stop()
    assert stored(hooked) == before


def served_by(port: int, authority: ssl.SSLContext) -> bytes | None:
    """The certificate that is served there, if it is believed."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as raw,
            authority.wrap_socket(raw, server_hostname="localhost") as wrapped,
        ):
            return wrapped.getpeercert(binary_form=True)
    except OSError:
        return None
