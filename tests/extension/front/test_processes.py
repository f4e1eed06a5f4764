"""The front and the backend: who answers, and who ends with whom."""

import json
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from processes import Killable, gone, kill, wait_for
from treino_local import process


@pytest.fixture
def local(tmp_path: Path) -> Killable:
    return Killable(tmp_path)


def asked(local: Killable, text: str) -> bytes:
    port = int(local.endpoint.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(text.encode("latin-1"))
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


def test_health_is_answered_while_the_backend_stands_still(local: Killable) -> None:
    local.ready()
    subprocess.run(["kill", "-STOP", str(local.backend)], check=True)
    with urllib.request.urlopen(f"{local.endpoint}/_treino/health") as answer:
        told = json.load(answer)
    assert told["pid"] == local.front
    assert told["ministack"]
    kill(local.backend)
    local.end()


def test_a_backend_that_dies_is_started_again_with_what_it_held(local: Killable) -> None:
    local.ready().client("s3").create_bucket(
        Bucket="kept-here", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    state = Path(local._log).parent / "state_dir" / "s3.json"
    wait_for(lambda: state.exists() and "kept-here" in state.read_text())
    old = local.backend
    kill(old)
    wait_for(lambda: "is started again" in local.log())
    names = [bucket["Name"] for bucket in local.client("s3").list_buckets()["Buckets"]]
    assert names == ["kept-here"]
    assert gone(old)
    local.end()


def test_a_path_too_long_for_a_socket_is_none(tmp_path: Path) -> None:
    temporary = tmp_path / ("long" * 30)
    temporary.mkdir()
    local = Killable(tmp_path, TMPDIR=str(temporary)).ready()
    assert local.client("s3").list_buckets()["Buckets"] == []
    kill(local.backend)
    wait_for(lambda: "is started again" in local.log())
    assert local.client("s3").list_buckets()["Buckets"] == []
    [folder] = temporary.glob("front-*")
    assert not (folder / "socket").exists()
    local.end()


def test_one_that_dies_again_and_again_is_given_up(local: Killable) -> None:
    for time in range(3):
        wait_for(lambda: local.log().count("is started again") == time)  # noqa: B023
        local.ready()
        kill(local.backend)
    assert local._process.wait() == 1
    assert "died 3 times" in local.log().splitlines()[-1]


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL", "stdin"])
def test_nothing_is_left_behind(local: Killable, how: str) -> None:
    backend = local.ready().backend
    if how == "SIGTERM":
        assert local.terminate() == 0
    elif how == "SIGKILL":
        local.kill()
    else:
        local.end()
    wait_for(lambda: gone(backend))


def test_requests_of_one_connection_are_each_looked_at(local: Killable) -> None:
    local.ready()
    fine = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = asked(local, fine + fine + "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert b"to this machine only, not to evil.example" in answer
    hidden = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert asked(local, hidden).startswith(b"HTTP/1.1 400")
    assert asked(local, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert b"does not answer the web page" in asked(
        local, "GET /_treino/health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n"
    )
    local.end()


def test_many_connections_at_once(local: Killable) -> None:
    process.raise_file_limit()
    local.ready()
    port = int(local.endpoint.rpartition(":")[2])
    # While the backend takes none, as many wait as there is room for, and the others after them.
    subprocess.run(["kill", "-STOP", str(local.backend)], check=True)
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(1500)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    subprocess.run(["kill", "-CONT", str(local.backend)], check=True)
    for client in clients:
        with client:
            assert client.recv(65536).startswith(b"HTTP/1.1 403")
    local.end()


def test_health_says_nothing_private(local: Killable) -> None:
    local.ready()
    told = json.dumps(local.wait())
    assert local._secret not in told
    assert str(Path(local._log).parent) not in told
    local.end()


def test_a_data_folder_has_one_front(tmp_path: Path) -> None:
    first = Killable(tmp_path).ready()
    lock = tmp_path / "front.lock"
    assert lock.read_text() == str(first.front)
    assert lock.stat().st_mode & 0o777 == 0o600
    (tmp_path / "secret").unlink()
    second = Killable(tmp_path)
    assert second._process.wait() == 1
    said = f"another local AWS (pid {first.front}) has this data folder: `treino local down` ends it\n"
    assert second.log().endswith(said)
    assert lock.read_text() == str(first.front)
    backend = first.backend
    # The backend still lives when the next one comes.
    subprocess.run(["kill", "-STOP", str(backend)], check=True)
    first.kill()
    third = Killable(tmp_path)
    third.ready()
    assert lock.read_text() == str(third.front)
    kill(backend)
    third.end()
