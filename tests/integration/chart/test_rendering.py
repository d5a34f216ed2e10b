"""The chart as text: what Helm makes of each set of values, and what it refuses."""

import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from statekeep.config import settings_table
from support.charts import CHART, ROOT, SETS, Chart, Manifest, of_kind, pods, the, values
from support.parts.binaries import Binaries

DEPLOY = ROOT / "operator" / "deploy"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
HIDDEN = re.compile(
    r"\b(lookup|rand\w+|genCA|genSelfSignedCert|genPrivateKey|uuidv4|now|htpasswd)\b"
)


@pytest.fixture
def chart(binaries: Binaries) -> Chart:
    return Chart(binaries)


def test_the_issues_sets_of_values_are_there() -> None:
    asked = {"default", "production", "namespaced", "external-redis", "cert-manager"}
    asked |= {"everything-on"}
    assert asked <= set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_lint_finds_nothing(chart: Chart, name: str) -> None:
    run = chart.run("lint", "--strict", str(CHART), *values(name))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 chart(s) failed" in run.stdout


@pytest.mark.parametrize("name", SETS)
def test_two_renders_are_byte_equal(chart: Chart, name: str) -> None:
    assert chart.text(*values(name)) == chart.text(*values(name))


def test_no_template_asks_the_cluster_the_clock_or_chance() -> None:
    found = [
        (path.name, action)
        for path in sorted((CHART / "templates").rglob("*"))
        if path.is_file()
        for action in re.findall(r"\{\{.*?\}\}", path.read_text(), re.DOTALL)
        if not action.startswith(("{{/*", "{{- /*")) and HIDDEN.search(action)
    ]
    assert found == []


@pytest.mark.parametrize("name", SETS)
def test_no_set_renders_a_secret_with_anything_in_it(chart: Chart, name: str) -> None:
    for secret in of_kind(chart.manifests(*values(name)), "Secret"):
        assert set(secret) == {"apiVersion", "kind", "metadata", "type"}


REFUSED = {
    "a value that does not exist": ("nope=1", "additional properties 'nope' not allowed"),
    "a value in the wrong place": (
        "runtime.replicaCount=3",
        "additional properties 'replicaCount'",
    ),
    "a word where a number stands": ("runtime.replicas=two", "'/runtime/replicas': got string"),
    "a tag with a slash": ("image.tag=a/b", "'/image/tag': 'a/b' does not match pattern"),
    "half a digest": ("image.digest=sha256:12", "'/image/digest': 'sha256:12' does not match"),
    "another scheme": ("redis.url=http://x", "'/redis/url': 'http://x' does not match pattern"),
    "an unknown setting": ("runtime.settings.speed=9", "additional properties 'speed' not allowed"),
    "an unknown fsync": ("valkey.appendFsync=no", "'/valkey/appendFsync': value must be one of"),
    "root": ("runtime.podSecurityContext.runAsUser=0", "minimum: got 0, want 1"),
    "a pod security that is not ours to weaken": (
        "runtime.podSecurityContext.runAsNonRoot=false",
        "additional properties 'runAsNonRoot' not allowed",
    ),
    "a namespace in capitals": ("watchNamespaces={Lending}", "'Lending' does not match pattern"),
    "no store at all": ("valkey.enabled=false", "name the store by redis.url"),
}


@pytest.mark.parametrize(("value", "said"), REFUSED.values(), ids=REFUSED)
def test_wrong_values_fail_before_there_is_a_cluster(chart: Chart, value: str, said: str) -> None:
    assert said in chart.refusal("--set", value)


def objects(schema: Manifest, way: str = "") -> list[tuple[str, Manifest]]:
    found = [(way, schema)] if schema.get("type") == "object" else []
    parts = {**schema.get("properties", {}), **schema.get("$defs", {})}
    return found + [one for name, part in parts.items() for one in objects(part, f"{way}/{name}")]


def test_the_schema_is_strict_everywhere() -> None:
    """Open are only maps of words that Kubernetes reads, and Helm's own `global`."""
    open_ = [way for way, found in objects(SCHEMA) if "additionalProperties" not in found]
    assert open_ == [
        "/runtime/affinity",
        "/operator/affinity",
        "/global",
    ]


def test_the_schema_and_the_values_name_the_same() -> None:
    def names(found: object, schema: Manifest) -> list[str]:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        if not isinstance(found, dict) or "properties" not in schema or not found:
            return []
        assert set(found) == set(schema["properties"]) - {"global", "claims"}, sorted(found)
        return [name for key in found for name in names(found[key], schema["properties"][key])]

    values_ = yaml.safe_load((CHART / "values.yaml").read_text())
    values_["valkey"]["podSecurityContext"] = {}
    names(values_, SCHEMA)


def test_every_setting_of_the_server_can_be_set(chart: Chart) -> None:
    """What the chart itself decides is no value; everything else is one, under its own name."""
    decided = {"host", "port", "redis_url", "key_ring", "api_keys_file", "pepper_file"}
    never = {"embedded", "data_dir"}
    offered = set(SCHEMA["properties"]["runtime"]["properties"]["settings"]["properties"])
    assert {snake(name) for name in offered} == set(settings_table()) - decided - never
    runtime = the(
        chart.manifests("--set", "runtime.settings.maxEventTypeBytes=99"),
        "Deployment",
        "statekeep-runtime",
    )
    (container,) = runtime["spec"]["template"]["spec"]["containers"]
    assert {"name": "STATEKEEP_MAX_EVENT_TYPE_BYTES", "value": "99"} in container["env"]


def snake(camel: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", camel).lower()


@pytest.mark.parametrize("name", SETS)
def test_every_pod_is_restricted_limited_and_probed(chart: Chart, name: str) -> None:
    for pod in pods(chart.manifests(*values(name))):
        spec, which = pod["spec"], pod["metadata"]["name"]
        assert spec["securityContext"]["runAsNonRoot"] is True, which
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, which
        assert spec["enableServiceLinks"] is False, which
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, which
            assert container["resources"]["limits"]["memory"], which
            if spec.get("restartPolicy") != "Never":
                assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), which


def test_a_new_chart_alone_restarts_no_pod(chart: Chart, tmp_path: Path) -> None:
    newer = tmp_path / "statekeep"
    shutil.copytree(CHART, newer)
    text = (newer / "Chart.yaml").read_text()
    (newer / "Chart.yaml").write_text(re.sub(r"(?m)^version: .*$", "version: 9.9.9", text))

    def templates(found: Chart) -> list[object]:
        kinds = of_kind(found.manifests(*values("everything-on")), "Deployment", "StatefulSet")
        return [manifest["spec"]["template"] for manifest in kinds]

    assert templates(chart) == templates(replace(chart, path=newer))
    assert len(templates(chart)) == 3


def test_only_the_operator_and_the_job_have_a_token(chart: Chart) -> None:
    with_token = [
        pod["metadata"]["name"]
        for pod in pods(chart.manifests(*values("everything-on")))
        if pod["spec"]["automountServiceAccountToken"]
    ]
    assert sorted(with_token) == ["statekeep-first-secrets", "statekeep-operator"]


# --- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_no_role_has_a_wildcard_or_reads_secrets(chart: Chart, name: str) -> None:
    for role in of_kind(chart.manifests(*values(name)), "Role", "ClusterRole"):
        for rule in role["rules"]:
            assert "*" not in [*rule["verbs"], *rule["resources"], *rule["apiGroups"]], role
            if "secrets" in rule["resources"] and "resourceNames" not in rule:
                assert rule["verbs"] == ["create"], role


def test_namespaced_mode_asks_for_nothing_of_the_cluster(chart: Chart) -> None:
    found = chart.manifests(*values("namespaced"))
    cluster_wide = [m["kind"] for m in found if "namespace" not in m["metadata"]]
    assert cluster_wide == []
    places = {m["metadata"]["namespace"] for m in found}
    assert places == {"statekeep-system", "lending", "claims"}
    for place in ("lending", "claims"):
        kinds = sorted(m["kind"] for m in found if m["metadata"]["namespace"] == place)
        assert kinds == ["Role", "RoleBinding"]


def test_the_operators_rights_on_our_kinds_are_those_of_operator_deploy(chart: Chart) -> None:
    role, *_ = yaml.safe_load_all((DEPLOY / "rbac.yaml").read_text())
    name = "statekeep-statekeep-system-operator"
    assert the(chart.manifests(), "ClusterRole", name)["rules"] == role["rules"]
    namespaced = of_kind(chart.manifests("--set", "watchNamespaces={lending}"), "Role")
    assert the(namespaced, "Role", name)["rules"] == role["rules"]


def test_the_webhook_is_that_of_operator_deploy_with_rights_on_its_own_things(chart: Chart) -> None:
    _, expected = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    found = chart.manifests()
    hook = the(found, "ValidatingWebhookConfiguration", "statekeep-statekeep-system")
    assert hook["webhooks"] == expected["webhooks"]
    (service,) = (m for m in of_kind(found, "Service") if "operator" in m["metadata"]["name"])
    assert service["metadata"]["name"] == hook["webhooks"][0]["clientConfig"]["service"]["name"]
    (own,) = the(found, "Role", "statekeep-operator-webhook")["rules"]
    assert (own["resourceNames"], own["verbs"]) == (
        ["statekeep-operator-webhook"],
        ["get", "patch"],
    )
    (field,) = the(found, "ClusterRole", "statekeep-statekeep-system-webhook")["rules"]
    assert (field["resourceNames"], field["verbs"]) == (
        [hook["metadata"]["name"]],
        ["get", "patch"],
    )


def test_with_cert_manager_the_operator_makes_nothing(chart: Chart) -> None:
    found = chart.manifests(*values("cert-manager"))
    assert of_kind(found, "Secret") == []
    certificate = the(found, "Certificate", "statekeep-operator-webhook")
    assert certificate["spec"]["issuerRef"] == {"kind": "ClusterIssuer", "name": "internal"}
    hook = the(found, "ValidatingWebhookConfiguration", "statekeep-statekeep-system")
    injected = hook["metadata"]["annotations"]["cert-manager.io/inject-ca-from"]
    assert injected == "statekeep-system/statekeep-operator-webhook"
    rules = [rule for role in of_kind(found, "Role", "ClusterRole") for rule in role["rules"]]
    hooked = "validatingwebhookconfigurations"
    assert not any(hooked in rule["resources"] for rule in rules)


def test_the_deletion_policy_is_that_of_operator_deploy(chart: Chart) -> None:
    policy, binding = yaml.safe_load_all((DEPLOY / "deletion-policy.yaml").read_text())
    found = chart.manifests()
    name = "statekeep-statekeep-system-deletion"
    assert the(found, "ValidatingAdmissionPolicy", name)["spec"] == policy["spec"]
    bound = the(found, "ValidatingAdmissionPolicyBinding", name)["spec"]
    assert bound == {**binding["spec"], "policyName": name}


# --- kinds ----------------------------------------------------------------------------------------


def test_the_kinds_are_those_of_crds_and_are_kept(chart: Chart) -> None:
    rendered = of_kind(chart.manifests(), "CustomResourceDefinition")
    files = sorted((ROOT / "crds").glob("*.yaml"))
    assert [m["metadata"]["name"] for m in rendered] == [
        yaml.safe_load(file.read_text())["metadata"]["name"] for file in files
    ]
    for manifest, file in zip(rendered, files, strict=True):
        assert manifest["spec"] == yaml.safe_load(file.read_text())["spec"]
        assert manifest["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


# --- the network ----------------------------------------------------------------------------------


def matches(selector: Manifest, labels: Manifest) -> bool:
    return all(labels.get(key) == value for key, value in selector["matchLabels"].items())


def port_of(pod: Manifest, wanted: object) -> object:
    """A port of a pod by its name or number."""
    named = {p["name"]: p["containerPort"] for p in pod["spec"]["containers"][0].get("ports", ())}
    return named.get(wanted, wanted)  # type: ignore[call-overload]


def allowed(found: list[Manifest], source: Manifest, target: Manifest, port: int) -> bool:
    """Whether the policies let one pod open a connection to another, as Kubernetes reads them."""
    policies = of_kind(found, "NetworkPolicy")

    def passes(pod: Manifest, other: Manifest, way: str, peer: str) -> bool:
        mine = [p for p in policies if matches(p["spec"]["podSelector"], pod["metadata"]["labels"])]
        rules = [rule for policy in mine for rule in policy["spec"][way]]
        return not mine or any(
            port in [port_of(target, each["port"]) for each in rule.get("ports", [{"port": port}])]
            and any(
                "podSelector" in one and matches(one["podSelector"], other["metadata"]["labels"])
                for one in rule.get(peer, [{"podSelector": {"matchLabels": {}}}])
            )
            for rule in rules
        )

    return passes(source, target, "egress", "to") and passes(target, source, "ingress", "from")


def test_the_policies_let_the_parts_talk_and_nobody_else(chart: Chart) -> None:
    found = chart.manifests()
    of = {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod for pod in pods(found)}
    stranger: Manifest = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [{}]}}
    talk = {
        ("runtime", "valkey", 6379): True,
        ("operator", "runtime", 8000): True,
        ("test", "runtime", 8000): True,
        ("operator", "valkey", 6379): False,
        ("runtime", "operator", 8081): False,
        ("valkey", "runtime", 8000): False,
    }
    for (source, target, port), expected in talk.items():
        assert allowed(found, of[source], of[target], port) is expected, (source, target)
    assert allowed(found, stranger, of["runtime"], 8000)
    assert not allowed(found, stranger, of["valkey"], 6379)
    closed = chart.manifests(*values("production"))
    of = {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod for pod in pods(closed)}
    assert allowed(closed, of["operator"], of["runtime"], 8000)
    assert not allowed(closed, stranger, of["runtime"], 8000)


# --- what is looked at ----------------------------------------------------------------------------


def test_a_dashboard_asks_for_metrics_that_there_are() -> None:
    source = (ROOT / "runtime/src/statekeep/web/metrics.py").read_text()
    known = set(re.findall(r'"(statekeep_\w+)"', source))
    for file in (CHART / "files" / "dashboards").glob("*.json"):
        exprs = [t["expr"] for p in json.loads(file.read_text())["panels"] for t in p["targets"]]
        asked = {name for expr in exprs for name in re.findall(r"statekeep_\w+", expr)}
        bare = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in asked}
        assert bare <= known, bare - known
        assert len(asked) >= 6


PAGES = ("README.md", "docs/install.md", "docs/upgrade.md", "charts/statekeep/README.md")
COMMAND = re.compile(r"^helm (?:install|upgrade) ((?:.*\\\n)*.*)", re.MULTILINE)


def commands() -> list[str]:
    """Each `helm install` and `helm upgrade` that a page shows."""
    texts = ((ROOT / page).read_text() for page in PAGES)
    return [found.replace("\\\n", " ") for text in texts for found in COMMAND.findall(text)]


@pytest.mark.parametrize("command", commands())
def test_the_commands_of_the_pages_name_the_chart_and_values_that_there_are(
    chart: Chart, command: str
) -> None:
    name, path, *rest = shlex.split(command)
    assert (name, ROOT / path) == ("statekeep", CHART)
    values_ = [
        word for i, word in enumerate(rest) if word == "--set" or (i and rest[i - 1] == "--set")
    ]
    assert chart.manifests(*values_)


def test_every_page_that_installs_is_looked_at() -> None:
    assert len(commands()) >= 4


def test_the_versions_agree() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{chart["appVersion"]}"' in project


def test_the_readme_shows_every_value() -> None:
    """The table is generated (`make chart`, checked by `make lint`); nothing is left out of it."""
    table = set(re.findall(r"^\| `([\w.]+)` \|", (CHART / "README.md").read_text(), re.MULTILINE))

    def leaves(found: object, way: str) -> list[str]:
        if way in table or not isinstance(found, dict):
            return [way]
        return [leaf for key, part in found.items() for leaf in leaves(part, f"{way}.{key}")]

    text = Path(CHART / "values.yaml").read_text()
    found = {leaf for key, part in yaml.safe_load(text).items() for leaf in leaves(part, key)}
    assert found == table
