"""The examples in the help of `statekeep adopt`, run where there is nothing to adopt."""

import shlex

import pytest

from statekeep.cli.adopt_cmd import EXAMPLES
from support.cluster import definition
from support.command_line import spoken
from support.operators import Stage
from support.web_server import OPERATOR_KEY

pytestmark = pytest.mark.cluster


def test_the_examples_of_the_help_run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(stage.desk.plane.kubeconfig))
    monkeypatch.setenv("STATEKEEP_URL", str(stage.http.base_url))
    monkeypatch.setenv("STATEKEEP_API_KEY", OPERATOR_KEY)
    monkeypatch.setenv("STATEKEEP_TENANT", stage.tenant)
    stage.apply(definition("loan-v1"))
    stage.ready("wd", "loan-v1")
    assert EXAMPLES
    for example in EXAMPLES:
        words = shlex.split(example.command)[1:]
        told = spoken(*words, "--namespace", stage.tenant, code=example.code)
        assert told.startswith("Nothing to adopt")
