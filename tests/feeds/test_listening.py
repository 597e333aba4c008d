"""An address that another program has."""

import socket
from pathlib import Path

import pytest

from aggregator.config import parse_config
from aggregator.errors import ServerError
from feeds import server


def test_nothing_is_said_to_be_open_where_nothing_can_be_listened_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "ORPHANED", 0)
    caplog.set_level("INFO")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        text = f"server: {{port: {port}}}\nsources: [{{title: A, path: articles}}]\n"
        config = parse_config(text, Path("/srv/reading/config.yaml"), {})
        with pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            server.serve(config, Path("unused"), lambda: None)
    assert caplog.messages == []
