"""What is written is read back by supervisor's own parser, the only reader that counts."""

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from examkit.errors import StartError
from stack.configuration import supervisor_configuration
from stack.layout import Layout
from stack.programs import Deployment, Program

AWKWARD = "/an office's 100% own/folder,#1;2"


def program(name: str, value: str = AWKWARD) -> Program:
    return Program(name, ("/a place/python", "-m", "it's", "50%"), 1234, {"FIRST": value, "SECOND": "2"})


def deployment(value: str = AWKWARD) -> Deployment:
    return Deployment((program("classify", value), program("translate")), program("gateway"), Path("/the checkout"))


@pytest.fixture
def read_back(tmp_path, monkeypatch):
    layout = Layout(tmp_path)
    layout.create()
    layout.configuration.write_text(supervisor_configuration(deployment(), layout.run / "supervisor.sock"))
    monkeypatch.chdir(tmp_path)
    options = ServerOptions()
    options.realize(["--configuration", str(layout.configuration)])
    groups = {group.name: group for group in options.process_group_configs}
    return options, groups


def test_services_are_one_group_that_stops_after_the_gateway(read_back):
    _, groups = read_back
    assert {name: group.priority for name, group in groups.items()} == {"services": 10, "gateway": 20}
    assert [config.name for config in groups["services"].process_configs] == ["classify", "translate"]


def test_services_start_by_themselves_and_the_gateway_does_not(read_back):
    _, groups = read_back
    assert all(config.autostart for config in groups["services"].process_configs)
    assert not groups["gateway"].process_configs[0].autostart


def test_awkward_commands_and_values_arrive_as_they_are(read_back):
    _, groups = read_back
    config = groups["gateway"].process_configs[0]
    assert config.environment == {"FIRST": AWKWARD, "SECOND": "2"}
    assert config.command == """'/a place/python' -m 'it'"'"'s' 50%"""
    assert config.directory == "/the checkout"


def test_logs_lie_in_the_home_and_rotate(read_back):
    options, groups = read_back
    assert Path(options.logfile) == Path.cwd() / "logs" / "supervisor.log"
    config = groups["services"].process_configs[0]
    assert Path(config.stdout_logfile).resolve() == Path.cwd() / "logs" / "classify.log"
    assert config.stdout_logfile_maxbytes > 0
    assert config.redirect_stderr


def test_the_socket_is_for_its_owner_alone(read_back):
    options, _ = read_back
    assert options.server_configs[0]["chmod"] == 0o700
    assert options.server_configs[0]["family"].name == "AF_UNIX"


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a ;b", "a #b", "ends with '"])
def test_what_the_parser_would_misread_is_refused(value):
    with pytest.raises(StartError, match=r"^Supervisor "):
        supervisor_configuration(deployment(value), Path("socket"))
