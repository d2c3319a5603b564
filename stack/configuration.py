"""Write supervisor's configuration for a deployment.

Services form one group, so that they stop together; the gateway is a group of its own with a higher priority, so that
supervisor stops it first. The gateway does not start by itself: the runner starts it when the services are ready.
Logs and the pid file are told relative to the home, in which supervisor runs: it expands signs in some paths twice.
A program that ends within `startsecs` is started again after 1, 2 and 3 seconds, then given up.
"""

import re
import shlex
from pathlib import Path

from examkit.errors import StartError
from stack.programs import GRACE_SECONDS, Deployment, Program

_COMMENT_OR_LINE_END = re.compile(r"[\r\n]|\s[;#]")

_SUPERVISOR = """\
[supervisord]
nodaemon=true
silent=true
identifier=examkit
pidfile=run/supervisord.pid
logfile=logs/supervisor.log
logfile_maxbytes=5MB
logfile_backups=1
minfds=256
minprocs=64

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[group:services]
programs={services}
priority=10
"""

_PROGRAM = """
[program:{name}]
command={command}
directory={directory}
environment={environment}
priority={priority}
autostart={autostart}
autorestart=true
startsecs=5
startretries=3
stopsignal=TERM
stopwaitsecs={stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def supervisor_configuration(deployment: Deployment, socket: Path) -> str:
    """Return the configuration file's text; raise StartError for a path that it cannot hold."""
    head = _SUPERVISOR.format(
        socket=_plain(socket),
        services=",".join(service.name for service in deployment.services),
    )
    return head + "".join(_program(program, deployment) for program in deployment.programs)


def _program(program: Program, deployment: Deployment) -> str:
    is_gateway = program is deployment.gateway
    return _PROGRAM.format(
        name=program.name,
        command=_plain(shlex.join(program.command)),
        directory=_plain(deployment.directory),
        environment=",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
        priority=20 if is_gateway else 10,
        autostart="false" if is_gateway else "true",
        stop_seconds=GRACE_SECONDS + 1,
    )


def _quoted(value: str) -> str:
    # Supervisor takes quotation marks off both ends and knows no escape for them.
    if '"' in value or value.endswith("'"):
        raise StartError(f"Supervisor cannot be told of a value with this quotation mark: {value}")
    return f'"{_plain(value)}"'


def _plain(value: Path | str) -> str:
    text = str(value)
    if _COMMENT_OR_LINE_END.search(text):
        raise StartError(f"Supervisor would take a part of this for a comment or a new line: {text}")
    return text.replace("%", "%%")
