"""Free ports and taken ones."""

import socket

import pytest

from examkit.errors import StartError
from stack.ports import free_ports, require_free


def test_free_ports_are_different_and_free():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        require_free(port)


def test_a_taken_port_is_one_sentence():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(StartError, match=rf"^Port {port} on 127\.0\.0\.1 is taken by another program; [^\n]+$"):
            require_free(port)
