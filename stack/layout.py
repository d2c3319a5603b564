"""Where everything lies under EXAMKIT_HOME."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The folders and files under one home; `home` is absolute."""

    home: Path

    @property
    def artifacts(self) -> Path:
        """Installed artifacts, one folder each."""
        return self.home / "artifacts"

    @property
    def logs(self) -> Path:
        """One log a deployable, rotated."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """What belongs to one run: lock, supervisor's configuration and pid file, service token."""
        return self.home / "run"

    @property
    def marks(self) -> Path:
        """The mark register's database, images and index."""
        return self.home / "marks"

    @property
    def mark_register(self) -> Path:
        """The mark register's database, there since the first import."""
        return self.marks / "register.sqlite"

    @property
    def unfinished_import(self) -> Path:
        """There while the demo marks are being imported, and after an import that was cut short."""
        return self.marks / "demo-import-unfinished"

    @property
    def feedback(self) -> Path:
        """What examiners decided, with the texts it was decided about."""
        return self.home / "feedback"

    @property
    def terminology(self) -> Path:
        """Glossaries and translation memory, and documents while they are translated."""
        return self.home / "terminology"

    @property
    def gateway(self) -> Path:
        """The gateway's database."""
        return self.home / "gateway"

    @property
    def api_key(self) -> Path:
        """The API key that the gateway writes at its first start."""
        return self.home / "api_key"

    @property
    def service_token(self) -> Path:
        """The token that gateway and services share during one run."""
        return self.run / "service_token"

    @property
    def lock(self) -> Path:
        """Held while a runner works on this home."""
        return self.run / "lock"

    @property
    def configuration(self) -> Path:
        """Supervisor's configuration, written anew at each start."""
        return self.run / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        """The process id of the running supervisor."""
        return self.run / "supervisord.pid"

    @property
    def process_log(self) -> Path:
        """What supervisor did: starts, exits, restarts."""
        return self.logs / "supervisor.log"

    def log_of(self, name: str) -> Path:
        """Return the log of one deployable."""
        return self.logs / f"{name}.log"

    def create(self) -> None:
        """Create the folders that a run needs; only their owner can look into what holds keys or texts."""
        for folder in (self.artifacts, self.logs, self.marks):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.gateway, self.feedback, self.terminology):
            folder.mkdir(mode=0o700, exist_ok=True)


def without_key(layout: Layout) -> str:
    """Say what to do where the gateway made no key, for it has keys that were made elsewhere or earlier."""
    return (
        f"There is no API key in {layout.api_key}: the gateway has keys already. "
        "Make another with `python -m gateway keys create NAME --scope classify --scope translate --scope marks:read`."
    )
