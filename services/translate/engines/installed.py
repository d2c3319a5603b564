"""The engines of an installation: those of its artifacts, and those of the machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from examkit.artifact import open_artifact, read_manifest
from examkit.errors import ArtifactError
from services.translate.engines import apertium, ctranslate, student
from services.translate.engines.ctranslate import CTranslateEngine
from services.translate.engines.marian import MarianEngine
from services.translate.engines.protocol import Engine
from services.translate.routing import Step


@dataclass(frozen=True)
class Installation:
    """The engines that can be used, by their steps, and the steps that lack a package of the machine."""

    engines: dict[Step, Engine]
    missing: Sequence[Step]

    @property
    def steps(self) -> list[Step]:
        """Give all steps there could be."""
        return [*self.engines, *self.missing]

    def close(self) -> None:
        """End the programs that engines run."""
        for engine in self.engines.values():
            if isinstance(engine, apertium.ApertiumEngine):
                engine.close()


def open_engines(artifacts_dir: Path) -> Installation:
    """Open all engines; raise ArtifactError when there is no artifact of a translator, or one cannot be trusted."""
    of_artifacts = list(_of_artifacts(artifacts_dir))
    if not of_artifacts:
        raise ArtifactError(f"{artifacts_dir} holds no translator.")
    of_machine: list[Engine] = [direction.open() for direction in apertium.installed()]
    missing = [Step(each.pair, apertium.NAME, each.package) for each in apertium.DIRECTIONS if not each.is_installed]
    return Installation({Step(each.pair, each.name): each for each in (*of_artifacts, *of_machine)}, missing)


def _of_artifacts(artifacts_dir: Path) -> Iterator[Engine]:
    for folder in sorted(path.parent for path in artifacts_dir.glob("*/manifest.json")):
        match read_manifest(folder).format:
            case student.FORMAT:
                yield MarianEngine(open_artifact(folder, format=student.FORMAT, format_version=student.FORMAT_VERSION))
            case ctranslate.FORMAT:
                version = ctranslate.FORMAT_VERSION
                yield CTranslateEngine(open_artifact(folder, format=ctranslate.FORMAT, format_version=version))
