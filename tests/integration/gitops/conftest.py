"""The judge of health, and what the operator's tests have: kinds, a runtime, a stage."""

import pytest

from support.judging import Judge
from support.parts.binaries import obtain_judge


@pytest.fixture(scope="session")
def judge() -> Judge:
    """kstatus, Flux's expressions and Argo CD's scripts in one program; built where not cached."""
    return Judge(obtain_judge())
