"""Holds compose.yaml and kubernetes.yaml against their schemas and against the configuration that they hand out.

The schemas come with the packages `compose-spec` and `kubernetes-validate`; nothing is fetched.
"""

import json
import re
from pathlib import Path, PurePosixPath

import kubernetes_validate
import yaml
from compose_spec import PyCompose

FOLDER = Path("deploy/replicas")
# The oldest in which a pause before the end (`preStop.sleep`) is there without being asked for.
KUBERNETES = "1.30"
# `server.limits.drain`, which the configuration leaves at its default.
DRAIN = 25


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"replicas: {what}: expected {expected!r}, found {found!r}")


def tidy(path):
    """`a/b/../c` as the kernel walks it where no part is a link."""
    parts = []
    for part in PurePosixPath(path).parts:
        parts.pop() if part == ".." else parts.append(part)
    return str(PurePosixPath(*parts))


def variables(value):
    """The names in `{ env: NAME }`, wherever they stand."""
    if isinstance(value, dict):
        own = {value["env"]} if isinstance(value.get("env"), str) else set()
        return own.union(*map(variables, value.values()))
    return set().union(*map(variables, value)) if isinstance(value, list) else set()


def argument(words):
    return words[words.index("--config") + 1]


def wanted(config, at):
    """The files that the configuration at that path reads."""
    mapping = PurePosixPath(at).parent / config["tenants"]["acme"]["mapping"]
    return {at, tidy(mapping), *config["server"]["tls"].values()}


def compose(config):
    text = (FOLDER / "compose.yaml").read_text()
    whole = yaml.safe_load(text)
    PyCompose.from_json(json.dumps(whole))
    services = dict(whole["services"])
    postgres = services.pop("postgres")
    expect("replicas in compose.yaml", len(services), 3)
    expect("the database's volumes", {it.split(":")[0] for it in postgres["volumes"]}, set(whole["volumes"]))
    expect("the database's secrets", set(postgres["secrets"]), set(whole["secrets"]))
    expect("the database's secret", postgres["environment"]["POSTGRES_PASSWORD_FILE"], f"/run/secrets/{postgres['secrets'][0]}")
    # What the head shows of the file is what there is to read.
    shown = set(re.findall(r"^#   ([A-Z_]+)=", text, re.MULTILINE))
    expect("the variables in the head of compose.yaml", shown, variables(config))
    published = set()
    for name, service in services.items():
        mounts = {}
        for volume in service["volumes"]:
            source, target, mode = volume.split(":")
            expect(f"{name}: {target}", mode, "ro")
            mounts[target] = source
        for file in wanted(config, argument(service["command"])):
            if not any(file == target or file.startswith(target + "/") for target in mounts):
                raise SystemExit(f"replicas: {name}: nothing is mounted at {file}")
        for target, source in mounts.items():
            if "tls" not in target and not (FOLDER / source).exists():
                raise SystemExit(f"replicas: {name}: there is no {source}")
        host, port = service["ports"][0].split(":")
        published.add(host)
        expect(f"{name}: port", port, config["server"]["listen"].split(":")[1])
        expect(f"{name}: grace", int(service["stop_grace_period"].removesuffix("s")) > DRAIN, True)
    expect("ports of their own", len(published), 3)


def kubernetes(config):
    resources = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
    for resource in resources:
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    deployment, budget, service = resources
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    expect("labels of the Deployment", deployment["spec"]["selector"]["matchLabels"], labels)
    expect("labels of the budget", budget["spec"]["selector"]["matchLabels"], labels)
    expect("labels of the Service", service["spec"]["selector"], labels)
    pod = deployment["spec"]["template"]["spec"]
    for spread in pod["topologySpreadConstraints"]:
        expect("labels that are spread", spread["labelSelector"]["matchLabels"], labels)
    container = pod["containers"][0]
    expect("variables", {it["name"] for it in container["env"]}, variables(config))
    ports = {it["name"]: str(it["containerPort"]) for it in container["ports"]}
    for name, listener in (("scim", "server"), ("admin", "admin")):
        expect(f"port {name}", ports[name], config[listener]["listen"].split(":")[1])
    expect("port of the Service", service["spec"]["ports"][0]["targetPort"] in ports, True)
    probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    expect("probes", probes, {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"})
    mounts = {it["name"]: it["mountPath"] for it in container["volumeMounts"]}
    mounted = set()
    for volume in pod["volumes"]:
        at = mounts[volume["name"]]
        if "configMap" in volume:
            mounted |= {f"{at}/{item['path']}" for item in volume["configMap"]["items"]}
        else:
            mounted |= {f"{at}/tls.crt", f"{at}/tls.key"}
    expect("files", mounted, wanted(config, argument(container["args"])))
    user = container["securityContext"]
    told = f"USER {user['runAsUser']}:{user['runAsGroup']}\n"
    expect(f"{told.strip()} in the Dockerfile", told in Path("deploy/Dockerfile").read_text(), True)
    # One pod beside an app and three of their own are held the same way.
    sidecar = yaml.safe_load(Path("deploy/pod.yaml").read_text())["spec"]
    beside = next(it for it in sidecar["containers"] if it["name"] == "scimshim")
    expect("securityContext", user, beside["securityContext"])
    expect("securityContext of the pod", pod["securityContext"], sidecar["securityContext"])
    expect("resources", container["resources"], beside["resources"])
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    expect("grace above pause and drain", pause + DRAIN < pod["terminationGracePeriodSeconds"], True)
    expect("service links", pod["enableServiceLinks"], False)


config = yaml.safe_load((FOLDER / "scimshim.yaml").read_text())
compose(config)
kubernetes(config)
print("replicas: compose.yaml and kubernetes.yaml are sound, and fit the configuration")
