"""`make demo`: the real parts, and a tour that people can follow. Leaves nothing behind.

Every step prints the command as a person would type it, runs that very command, and shows what it
answered.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from support.parts.fault import PartError, run_as_program
from support.parts.site import Site

ROOT = Path(__file__).resolve().parents[3]


class Tour:
    """Runs commands against a site and shows them."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def tell(self, sentence: str) -> None:
        print(f"\n# {sentence}", flush=True)

    def show(self, *command: str) -> str:
        """Run a command and print it with its answer; a failure ends the demo."""
        print(f"$ {' '.join(command)}", flush=True)
        run = subprocess.run(
            command,
            cwd=ROOT,
            env=self.site.plane.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(run.stdout, end="", flush=True)
        if run.returncode != 0:
            raise PartError(f"the demo's command failed: {' '.join(command)}")
        return run.stdout


def tour(site: Site) -> None:
    guide = Tour(site)
    guide.tell("A real Kubernetes API server, started for this demo alone:")
    guide.show("kubectl", "version")
    guide.tell("StateKeep's resources are installed:")
    guide.show("kubectl", "apply", "--server-side", "-f", "crds/")
    guide.show("kubectl", "wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    guide.show(
        "kubectl", "get", "crd", "-o", "custom-columns=NAME:.metadata.name,KIND:.spec.names.kind"
    )


def main() -> int:
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    here = Path(tempfile.mkdtemp(prefix="demo-", dir=local))
    try:
        with Site(here) as site:
            tour(site)
            site.say("stopping everything")
    finally:
        shutil.rmtree(here, ignore_errors=True)
    print("\ndemo passed: every command above ran against real parts, which are gone again")
    return 0


if __name__ == "__main__":
    run_as_program(main)
