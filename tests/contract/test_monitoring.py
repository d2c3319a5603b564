"""Dashboard, alerts and the table of metrics speak of what gateway and services really expose."""

import json
import re
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tests.applications import gateway

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
RULES = [rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
SHOWN = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [*SHOWN, *((rule["alert"], rule["expr"]) for rule in RULES)]
USED = re.compile(r"(examkit_\w+)(?:\{([^}]*)\})?")
FROM_PROMETHEUS = {"job", "instance"}


@pytest.fixture(scope="module")
def exposed(tmp_path_factory) -> dict[str, set[str]]:
    """Every sample that a gateway exposes once it has been used, refused and failed, with its labels."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "service_token").write_text("t" * 40)
    application, key = gateway(folder, folder / "service_token")
    with TestClient(application, headers={"API-Key": key}) as client:
        client.get("/api/v1/translate/languages")
        client.get("/api/v1/nothing")
        families = text_string_to_metric_families(client.get("/metrics").text)
        return {sample.name: {*sample.labels} for family in families for sample in family.samples}


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_metric_and_label_in_use_exists(exposed, where, expression):
    used = USED.findall(expression)
    assert used
    for name, selectors in used:
        assert name in exposed, where
        asked = set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)", selectors))
        assert asked <= exposed[name] | FROM_PROMETHEUS
    grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}
    assert grouped <= set().union(*(exposed[name] for name, _ in used)) | FROM_PROMETHEUS
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


@pytest.mark.parametrize("target", [target for panel in DASHBOARD["panels"] for target in panel["targets"]])
def test_a_legend_names_labels_that_are_left(exposed, target):
    expression = target["expr"]
    left = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")} or {
        label for name, _ in USED.findall(expression) for label in exposed[name] | FROM_PROMETHEUS
    }
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= left


def test_the_table_for_operators_is_what_is_exposed(exposed):
    table = dict(re.findall(r"^\| `(examkit_\w+)` \|([^|]*)\|", (FOLDER / "README.md").read_text(), re.MULTILINE))
    told = {name: {label for label in re.split(r",\s*", labels.strip()) if label} for name, labels in table.items()}
    counted = {name: labels for name, labels in exposed.items() if not name.endswith("_created")}
    assert told == {re.sub(r"_(bucket|sum|count)$", "", name): labels - {"le"} for name, labels in counted.items()}


def test_panels_lie_side_by_side_and_have_numbers_of_their_own():
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
    cells = [(x, place["y"]) for place in places for x in range(place["x"], place["x"] + place["w"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_every_alert_says_what_is_wrong_and_what_to_do():
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description"}
