"""The Kubernetes definitions, as kustomize builds them.

Where SECATEUR_KUBERAY_CRDS names a folder with KubeRay's CRDs (ray-operator/config/crd/bases of a
release), its objects are held to their schemas as well.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clusters.tools import (
    CLUSTERS,
    IMAGE,
    judged,
    known_to_ray,
    locked,
    needs_kubectl,
    needs_linters,
    read,
)

FOLDER = CLUSTERS / "kubernetes"
VARIABLE = "SECATEUR_KUBERAY_CRDS"
CRDS = os.environ.get(VARIABLE)
BUILT = ("cluster", "gpu", "survive", "job", "serving")
# Made by hand, as the README says.
SECRETS = {"secateur-token", "secateur-passwords", "secateur-keys"}
# What KubeRay gives the pods of heads.
HEAD = {"ray.io/node-type": "head"}

pytestmark = needs_kubectl


@cache
def built(folder: str) -> tuple[dict[str, Any], ...]:
    """The objects of a folder."""
    return tuple(yaml.safe_load_all(judged("kubectl", "kustomize", FOLDER / folder)))


def of(folder: str, *kinds: str) -> list[dict[str, Any]]:
    found = [made for made in built(folder) if made["kind"] in kinds]
    assert found
    return found


def clusters(folder: str) -> list[dict[str, Any]]:
    """The specs of RayClusters, in whatever object they are."""
    named = {"RayCluster": None, "RayJob": "rayClusterSpec", "RayService": "rayClusterConfig"}
    return [
        made["spec"] if field is None else made["spec"][field]
        for made in of(folder, *named)
        for field in [named[made["kind"]]]
    ]


def groups(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [spec["headGroupSpec"], *spec.get("workerGroupSpecs", ())]


def pods(folder: str) -> list[dict[str, Any]]:
    return [group["template"] for spec in clusters(folder) for group in groups(spec)]


@pytest.mark.parametrize("folder", BUILT)
def test_clusters_are_of_the_locked_ray_and_our_image(folder: str) -> None:
    for spec in clusters(folder):
        assert spec["rayVersion"] == locked("ray")
        assert spec["authOptions"] == {"mode": "token", "secretName": "secateur-token"}
    images = {container["image"] for pod in pods(folder) for container in pod["spec"]["containers"]}
    assert images == {IMAGE}


@pytest.mark.parametrize("folder", BUILT)
def test_pods_hold_the_restricted_security_standard(folder: str) -> None:
    """kubernetes.io/docs/concepts/security/pod-security-standards, version 1.33: restricted."""
    allowed = {"configMap", "emptyDir", "persistentVolumeClaim", "secret", "projected"}
    for pod in (made["spec"] for made in pods(folder)):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 1000
        assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        assert all(set(volume) - {"name"} <= allowed for volume in pod["volumes"])
    own = [made["securityContext"] for pod in pods(folder) for made in pod["spec"]["containers"]]
    added = [
        spec["autoscalerOptions"]["securityContext"]
        for spec in clusters(folder)
        if spec.get("enableInTreeAutoscaling")
    ]
    for context in own + added:
        assert context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("folder", BUILT)
def test_shared_folders_are_not_given_to_the_group_at_every_start(folder: str) -> None:
    """That looks at every file of every job."""
    for pod in (made["spec"] for made in pods(folder)):
        if any("persistentVolumeClaim" in volume for volume in pod["volumes"]):
            assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"


@pytest.mark.parametrize("folder", BUILT)
def test_what_pods_name_is_there(folder: str) -> None:
    there = {
        (made["kind"], made["metadata"]["name"]) for made in (*built("base"), *built(folder))
    } | {("Secret", name) for name in SECRETS}
    for pod in (made["spec"] for made in pods(folder)):
        volumes = {volume["name"] for volume in pod["volumes"]}
        for volume in pod["volumes"]:
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in there
            if settings := volume.get("configMap"):
                assert ("ConfigMap", settings["name"]) in there
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            for source in container.get("envFrom", ()):
                ((kind, name),) = source.items()
                known = {"configMapRef": "ConfigMap", "secretRef": "Secret"}[kind]
                assert (known, name["name"]) in there
    readme = (FOLDER / "README.md").read_text()
    assert all(name in readme for name in SECRETS)


@pytest.mark.parametrize("folder", BUILT)
def test_parameters_are_those_of_ray_start(folder: str) -> None:
    for spec in clusters(folder):
        for group in groups(spec):
            known_to_ray(f"--{name}" for name in group["rayStartParams"])
            assert all(isinstance(value, str) for value in group["rayStartParams"].values())


@pytest.mark.parametrize(("folder", "gpus"), [("cluster", 0), ("gpu", 1), ("survive", 1)])
def test_the_autoscaler_of_ray_knows_what_nodes_have(folder: str, gpus: int) -> None:
    """A head without CPUs, and workers of 8 CPUs that come and go."""
    from ray.autoscaler._private.kuberay.autoscaling_config import (
        _derive_autoscaling_config_from_ray_cr as derive,
    )

    (cluster,) = of(folder, "RayCluster")
    types = derive(cluster)["available_node_types"]
    assert types["headgroup"]["resources"]["CPU"] == 0
    assert types["cpu"]["resources"]["CPU"] == 8
    assert types["cpu"]["resources"]["memory"] == 24 * 2**30
    assert (types["cpu"]["min_workers"], types["cpu"]["max_workers"]) == (0, 10)
    assert sum(kind["resources"].get("GPU", 0) for kind in types.values()) == gpus


@pytest.mark.parametrize("folder", ["cluster", "gpu", "survive", "job"])
def test_jobs_know_which_nodes_may_come(folder: str) -> None:
    """Head and workers are told of every group of workers."""
    (spec,) = clusters(folder)
    told = {
        variable["value"]
        for group in groups(spec)
        for variable in group["template"]["spec"]["containers"][0]["env"]
        if variable["name"] == "SECATEUR_GROWTH"
    }
    expected = []
    for group in spec["workerGroupSpecs"]:
        limits = group["template"]["spec"]["containers"][0]["resources"]["limits"]
        kind = {"count": group["maxReplicas"], "CPU": int(limits["cpu"])}
        if gpus := limits.get("nvidia.com/gpu"):
            kind["GPU"] = int(gpus)
        expected.append(kind)
    assert [json.loads(text) for text in told] == [expected]


def test_a_job_has_the_cluster_of_jobs_and_its_spec() -> None:
    (job,) = of("job", "RayJob")
    (settings,) = of("job", "ConfigMap")
    assert len(built("job")) == 2
    own, shared = job["spec"]["rayClusterSpec"], clusters("gpu")[0]
    assert own["workerGroupSpecs"] == shared["workerGroupSpecs"]
    pod = own["headGroupSpec"]["template"]["spec"]
    mounted = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes[mounted["/etc/secateur"]]["configMap"]["name"] == settings["metadata"]["name"]
    (file,) = settings["data"]
    assert f"/etc/secateur/{file}" in shlex.split(shlex.split(job["spec"]["entrypoint"])[2])


def test_the_spec_of_the_job_is_sound() -> None:
    from secateur.spec import load

    assert load(FOLDER / "job" / "digits.yaml").show == 0


@pytest.mark.parametrize("service", ["models", "gateway"])
def test_services_are_what_serve_takes(service: str) -> None:
    from ray.serve.schema import ServeDeploySchema

    (made,) = [made for made in of("serving", "RayService") if made["metadata"]["name"] == service]
    asked = ServeDeploySchema.model_validate(yaml.safe_load(made["spec"]["serveConfigV2"]))
    (application,) = asked.applications
    module, _, name = application.import_path.partition(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert asked.http_options.host == "0.0.0.0"
    ports = {
        port["containerPort"]
        for group in groups(made["spec"]["rayClusterConfig"])
        for port in group["template"]["spec"]["containers"][0]["ports"]
        if port["name"] == "serve"
    }
    assert ports == {asked.http_options.port}


@pytest.mark.parametrize(
    ("service", "change"),
    [
        ("models", {"models": ["digits"]}),  # without asking a registry for its champions
        ("gateway", {"config": str(FOLDER / "serving" / "teams.yaml")}),
    ],
)
def test_serve_builds_the_applications(
    service: str, change: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray.serve._private.api import call_user_app_builder_with_args_if_necessary as build

    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    (made,) = [made for made in of("serving", "RayService") if made["metadata"]["name"] == service]
    (application,) = yaml.safe_load(made["spec"]["serveConfigV2"])["applications"]
    module, _, name = application["import_path"].partition(":")
    build(getattr(importlib.import_module(module), name), application["args"] | change)


def test_the_server_of_models_is_found_by_its_replicas() -> None:
    """Replicas look each other up by the application's name; Serve waits for all they may take."""
    from serving.application import APPLICATION
    from serving.ingress import time_out
    from serving.spec import parse

    (made,) = [made for made in of("serving", "RayService") if made["metadata"]["name"] == "models"]
    asked = yaml.safe_load(made["spec"]["serveConfigV2"])
    (application,) = asked["applications"]
    settings = parse(application["args"])
    assert application["name"] == APPLICATION
    assert settings.most_replicas == 8
    assert asked["http_options"]["request_timeout_s"] == time_out(settings.limits)


def test_the_settings_of_the_gateway_are_sound() -> None:
    from serving.gateway.spec import parse

    settings = parse(read(FOLDER / "serving" / "teams.yaml"))
    (cluster,) = of("cluster", "RayCluster")
    assert settings.address == f"http://{cluster['metadata']['name']}-head-svc:8265"
    (pod,) = [
        made["template"]["spec"]
        for made in (spec["headGroupSpec"] for spec in clusters("serving"))
        if made["template"]["metadata"]["labels"]["app.kubernetes.io/component"] == "gateway"
    ]
    mounts = pod["containers"][0]["volumeMounts"]
    assert str(settings.folder) in {mount["mountPath"] for mount in mounts}


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector takes a pod."""
    wanted = selector.get("matchLabels", {})
    asked = selector.get("matchExpressions", ())
    assert all(expression["operator"] == "In" for expression in asked)
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        labels.get(expression["key"]) in expression["values"] for expression in asked
    )


def test_policies_are_for_pods_that_exist() -> None:
    """Each takes some pod of ours, and each pod is taken by the one that lets nobody in."""
    labels = []
    for folder in ("cluster", "serving"):
        for spec in clusters(folder):
            head, *workers = [group["template"]["metadata"]["labels"] for group in groups(spec)]
            labels += [head | HEAD, *workers]
    policies = of("base", "NetworkPolicy")
    for policy in policies:
        selector = policy["spec"]["podSelector"]
        assert any(matches(selector, label) for label in labels), policy["metadata"]["name"]
        assert policy["spec"]["policyTypes"] == ["Ingress"]
    (nobody,) = [policy for policy in policies if not policy["spec"].get("ingress")]
    assert nobody["spec"]["podSelector"] == {}


def test_prometheus_reaches_all_that_tells_metrics() -> None:
    """Ray's on the port of the annotations, ours where gateway and server of models answer."""
    (policy,) = [
        made for made in of("base", "NetworkPolicy") if made["metadata"]["name"] == "metrics"
    ]
    (rule,) = policy["spec"]["ingress"]
    annotated = {
        pod["metadata"]["annotations"]["prometheus.io/port"]
        for folder in ("cluster", "serving")
        for pod in pods(folder)
    }
    served = {
        yaml.safe_load(made["spec"]["serveConfigV2"])["http_options"]["port"]
        for made in of("serving", "RayService")
    }
    assert {port["port"] for port in rule["ports"]} == {*map(int, annotated), *served}


def test_the_namespace_refuses_what_is_not_restricted() -> None:
    (namespace,) = of("base", "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.slow
@needs_linters
@pytest.mark.parametrize("folder", ["base", *BUILT])
def test_plain_objects_and_pods_hold_the_schemas_of_kubernetes(folder: str, tmp_path: Path) -> None:
    """Pods as KubeRay makes them of the templates; strictly: a field that is not known fails."""
    plain = [made for made in built(folder) if not made["apiVersion"].startswith("ray.io/")]
    made = [] if folder == "base" else [
        {"apiVersion": "v1", "kind": "Pod", **pod, "metadata": {**pod["metadata"], "name": "pod"}}
        for pod in pods(folder)
    ]  # fmt: skip
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(plain + made))
    assert judged("kubernetes-validate", "--strict", file).count(" passed ") == len(plain + made)


@cache
def schema(kind: str) -> dict[str, Any]:
    """What a CRD asks of an object; KubeRay would drop other fields silently, here they fail."""
    crd = read(Path(CRDS or "") / f"ray.io_{kind.lower()}s.yaml")
    (version,) = [made for made in crd["spec"]["versions"] if made["name"] == "v1"]
    return strict(version["schema"]["openAPIV3Schema"])


def strict(part: Any) -> Any:
    if isinstance(part, list):
        return [strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: strict(value) for key, value in part.items()}
    free = part.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in part
    if isinstance(part.get("properties"), dict) and part.get("type") == "object" and not free:
        made["additionalProperties"] = False
    if part.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    return made


@pytest.mark.slow
@pytest.mark.skipif(not CRDS, reason=f"{VARIABLE} names no folder of CRDs")
@pytest.mark.parametrize("folder", BUILT)
def test_objects_hold_the_schemas_of_kuberay(folder: str) -> None:
    import jsonschema

    for made in of(folder, "RayCluster", "RayJob", "RayService"):
        asked = dict(made, metadata={})
        jsonschema.Draft202012Validator(schema(made["kind"])).validate(asked)


@pytest.mark.slow
@pytest.mark.skipif(not CRDS, reason=f"{VARIABLE} names no folder of CRDs")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda spec: spec.update(rayVersions="2"), "rayVersions"),
        (lambda spec: spec["authOptions"].update(mode="none"), "is not one of"),
        (lambda spec: spec.pop("headGroupSpec"), "required property"),
        (lambda spec: spec["workerGroupSpecs"][0].update(minReplicas="none"), "is not of type"),
    ],
)
def test_the_schemas_refuse_mistakes(change: Any, told: str) -> None:
    import copy

    import jsonschema

    (cluster,) = copy.deepcopy(of("cluster", "RayCluster"))
    change(cluster["spec"])
    with pytest.raises(jsonschema.ValidationError, match=re.escape(told)):
        jsonschema.Draft202012Validator(schema("RayCluster")).validate(dict(cluster, metadata={}))
