"""Shows the faces that an operator has chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from gateway.across_languages import AcrossLanguages
from gateway.faces import deepl, ipccat, libretranslate, opuscat
from gateway.faces.asking import Services
from gateway.faces.choice import Face, chosen_faces
from gateway.faces.deepl_documents import DeepLDocuments
from gateway.faces.deepl_glossaries import DeepLGlossaries
from gateway.faces.entrance import Entrance, open_entrance
from gateway.faces.ipcpub import Ipcpub
from gateway.faces.libretranslate_documents import LibreTranslateDocuments
from gateway.faces.paths import FaceRoute
from gateway.faces.refusals import Dialect, Dialects
from gateway.upstream.upstreams import Upstreams

FACES_DOCUMENTS_PATHS: Final = ("/deepl/v2/document", "/v2/document", "/libretranslate/translate_file")

_DIALECTS: Final[Mapping[Face, tuple[Dialect, ...]]] = {
    Face.IPCCAT: ipccat.DIALECTS,
    Face.DEEPL: (deepl.DIALECT,),
    Face.LIBRETRANSLATE: (libretranslate.DIALECT,),
    Face.OPUSCAT: (opuscat.DIALECT,),
}


@dataclass(frozen=True)
class Wiring:
    """What the faces stand on; `secret` seals the addresses that they give out."""

    upstreams: Upstreams
    across_languages: AcrossLanguages
    secret: str


def show_faces(app: FastAPI, wiring: Wiring, names: str, keyless_key_file: Path | None) -> None:
    """Add the chosen faces to an application that is whole otherwise; raise StartError for a wrong setting."""
    chosen = chosen_faces(names)
    routes = _routes(wiring, open_entrance(keyless_key_file))
    app.router.routes.extend(route for face in Face if face in chosen for route in routes[face])
    app.add_middleware(Dialects, dialects=[each for face in Face if face in chosen for each in _DIALECTS[face]])


def _routes(wiring: Wiring, entrance: Entrance) -> dict[Face, list[FaceRoute]]:
    services = Services(wiring.upstreams)
    return {
        Face.IPCCAT: [*ipccat.Ipccat(entrance, wiring.across_languages).routes(), *Ipcpub(entrance, services).routes()],
        Face.DEEPL: [
            *deepl.DeepL(entrance, services).routes(),
            *DeepLGlossaries(entrance, services).routes(),
            *DeepLDocuments(entrance, services).routes(),
        ],
        Face.LIBRETRANSLATE: [
            *libretranslate.LibreTranslate(entrance, services).routes(),
            *LibreTranslateDocuments(entrance, services, wiring.secret).routes(),
        ],
        Face.OPUSCAT: opuscat.OpusCat(entrance, services).routes(),
    }
