"""Run in the image's build: leave out what the Kubernetes client has generated and nobody calls.

Of its 125 MB ours call a handful of modules. What goes are API classes that are not imported, both
halves, and the models of the synchronous half; the models that are left have bytecode only where
they are imported. Whoever calls more sees it at once: the operator is imported here, as it starts.
"""

import py_compile
import sys
from pathlib import Path

import kubernetes

import statekeep_operator.__main__
import statekeep_operator.first_secrets  # noqa: F401

HOME = Path(kubernetes.__file__).parent
UNCALLED = ("client/api", "aio/client/api", "client/models")

loaded = {
    Path(module.__file__)
    for name, module in sys.modules.items()
    if name.partition(".")[0] == "kubernetes" and getattr(module, "__file__", None)
}
for folder in UNCALLED:
    for file in sorted((HOME / folder).glob("*.py")):
        if file.name != "__init__.py" and file not in loaded:
            file.unlink()
for file in sorted(loaded):
    py_compile.compile(
        str(file),
        dfile=str(file).removeprefix("/opt/"),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
