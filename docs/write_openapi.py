"""Writes the committed API descriptions: one beside each service, and the gateway's, which is made of theirs.

The gateway knows no service's code, so its description cannot come from its own routes; it is the services'
descriptions, cut to the table of public routes, with the key and the failures that the gateway adds.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from docs.public_description import COMPONENTS, TAGS, problem_examples, public_operation, public_probe
from examkit import __version__
from examkit.service_token import write_service_token
from examkit.web.app import bare_app
from gateway.caller_api import caller_router
from gateway.documentation import DESCRIPTION_FILE
from gateway.routes import ROUTES, Upstream
from services.classify import app as classify
from services.classify import settings as classify_settings
from services.image_search import app as image_search
from services.image_search import settings as image_search_settings
from services.translate import app as translate
from services.translate import settings as translate_settings

ROOT: Final = Path(__file__).resolve().parents[1]
_INTRODUCTION: Final = (
    "AI-assisted examination services for intellectual property offices: IPC classification, mark image search and "
    "machine translation. Suggestions are made by a machine; the examiner decides. Designed after WIPO ST.90."
)


def main() -> None:
    """Write all descriptions."""
    services = service_descriptions()
    for upstream, description in services.items():
        _write(ROOT / "services" / upstream / "openapi.json", description)
    _write(DESCRIPTION_FILE, gateway_description(services))


def service_descriptions() -> dict[Upstream, dict[str, Any]]:
    """Build each service and take its description; no artifact is opened for that."""
    with tempfile.TemporaryDirectory() as folder:
        token = Path(folder) / "service_token"
        write_service_token(token)
        common: dict[str, Any] = {"artifacts_dir": Path(folder), "service_token_file": token}
        data_dir = Path(folder)
        return {
            Upstream.CLASSIFY: classify.create_app(classify_settings.Settings(**common, data_dir=data_dir)).openapi(),
            Upstream.IMAGE_SEARCH: image_search.create_app(
                image_search_settings.Settings(**common, data_dir=data_dir)
            ).openapi(),
            Upstream.TRANSLATE: translate.create_app(
                translate_settings.Settings(**common, data_dir=data_dir)
            ).openapi(),
        }


def gateway_description(services: Mapping[Upstream, Mapping[str, Any]]) -> dict[str, Any]:
    """Join the services' descriptions along the table of public routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        path = route.path.replace(":path", "")
        operation = services[route.upstream]["paths"][path][route.method.lower()]
        paths.setdefault(path, {})[route.method.lower()] = public_operation(operation, route.scope)
    own = _own_description()
    paths |= {path: {"get": public_operation(methods["get"], None)} for path, methods in own["paths"].items()}
    for probe in ("/livez", "/readyz", "/version"):
        paths[probe] = {"get": public_probe(services[Upstream.CLASSIFY]["paths"][probe]["get"])}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Examkit", "version": __version__, "description": _INTRODUCTION},
        "servers": [{"url": "/", "description": "Where this description is served."}],
        "tags": TAGS,
        "paths": paths,
        "components": {
            "schemas": _across_languages(_joined_schemas([*services.values(), own])),
            "examples": problem_examples(),
            **COMPONENTS,
        },
    }


def _own_description() -> dict[str, Any]:
    """Describe what the gateway answers itself."""
    app = bare_app(name="gateway", title="Examkit", lifespan=None)
    app.router.routes.clear()
    app.include_router(caller_router())
    return app.openapi()


def _joined_schemas(descriptions: Any) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for description in descriptions:
        for name, schema in description["components"]["schemas"].items():
            if joined.setdefault(name, schema) != schema:
                raise ValueError(f"Two services describe different schemas under the name {name}.")
    return dict(sorted(joined.items()))


def _across_languages(schemas: dict[str, Any]) -> dict[str, Any]:
    """Add what the gateway tells of classifying by way of English, which no service does by itself."""
    told = {
        "route": {
            "type": "array",
            "items": {"type": "string"},
            "description": "where it was translated: the languages passed on the way to English",
        },
        "translationProblem": {
            "type": "string",
            "description": "code of the problem for which a text better read in English was classified as it is",
        },
    }
    for name in ("ClassifyAnswer", "ResultBody"):
        translated = schemas["ClassifyAnswer"]["properties"]["translated"]
        members = {**schemas[name]["properties"], "translated": translated, **told}
        schemas[name] = {**schemas[name], "properties": members}
    return schemas


def _write(file: Path, description: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
