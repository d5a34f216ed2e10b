"""What the OpenAPI document allows, and much that it does not: no 5xx, no answer off it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from statekeep.web.app import openapi_json
from support.web_server import LOAN_V1, LOAN_V2, bootstrap_key

EXAMPLES = int(os.environ.get("STATEKEEP_FUZZ_EXAMPLES", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
HEADERS = {"x-api-key": bootstrap_key("lending", "admin")}
SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi_json()))


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own process, with a version, a migration and an actor in it."""
    command = [sys.executable, "-m", "support.web_server", str(tmp_path_factory.mktemp("served"))]
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join([here, *filter(None, sys.path)])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url, headers=HEADERS) as client:
            for body in (LOAN_V1, LOAN_V2):
                client.post("/v1/definitions", json=body).raise_for_status()
            client.post("/v1/actors", json={"definitionId": "loan-v1"}).raise_for_status()
        yield url
        process.terminate()


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_contract(case: schemathesis.Case, base_url: str) -> None:
    case.call_and_validate(base_url=base_url, headers=HEADERS, checks=CHECKS)
