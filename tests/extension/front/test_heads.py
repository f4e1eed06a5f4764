"""What two readers could take differently is no request."""

import pytest
from treino_local.front import heads


def head(*lines: str) -> heads.Head:
    return heads.parse("\r\n".join(lines).encode("latin-1"))


def test_a_head_is_read_and_given_on_as_it_came() -> None:
    found = head("PUT /b/k?x=1 HTTP/1.1", "Host: 127.0.0.1:4566", "X-A:  1 ", "x-a: 2", "Content-Length: 3")
    assert (found.method, found.path, found.length, found.upgrades) == ("PUT", "/b/k", 3, False)
    assert found.headers["x-a"] == "1, 2"
    assert found.to_bytes(b"x-ours: 1") == (
        b"PUT /b/k?x=1 HTTP/1.1\r\nx-ours: 1\r\nHost: 127.0.0.1:4566\r\nX-A:  1 \r\nx-a: 2\r\nContent-Length: 3\r\n\r\n"
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("GET / HTTP/2.0",),
        ("GET  / HTTP/1.1",),
        ("get / HTTP/1.1",),
        ("GET /\nHost: x HTTP/1.1",),
        ("GET / HTTP/1.1", "Host: a\nX: b"),
        ("GET / HTTP/1.1", "Host: a", "Host: b"),
        ("GET / HTTP/1.1", "X-A : 1"),
        ("GET / HTTP/1.1", " folded: 1"),
        ("GET / HTTP/1.1", "no colon"),
        ("PUT / HTTP/1.1", "Content-Length: 1", "Content-Length: 2"),
        ("PUT / HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked"),
        ("PUT / HTTP/1.1", "Content-Length: +1"),
        ("PUT / HTTP/1.1", "Content-Length: 1, 1"),
        ("PUT / HTTP/1.1", "Transfer-Encoding: gzip, chunked"),
    ],
)
def test_what_has_two_meanings_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(heads.Malformed):
        head(*lines)


def test_an_upgrade_to_http_2_is_not_given_on() -> None:
    found = head("GET / HTTP/1.1", "Host: a", "Upgrade: h2c", "HTTP2-Settings: x", "Connection: Upgrade")
    assert not found.upgrades
    assert b"h2c" not in found.to_bytes()
    assert head("GET / HTTP/1.1", "Upgrade: websocket").upgrades


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_body_in_chunks_ends_where_it_ends(size: int) -> None:
    sent = b"4;x=y\r\nabcd\r\n1\r\n\n\r\n0\r\nTrailer: 1\r\n\r\n"
    body, buffer, taken = heads.Body(None), bytearray(), b""
    whole = sent + b"GET / HTTP/1.1\r\n"
    for at in range(0, len(whole), size):
        buffer += whole[at : at + size]
        taken += body.take(buffer)
    assert taken == sent
    assert body.done
    assert bytes(buffer) == b"GET / HTTP/1.1\r\n"


@pytest.mark.parametrize("sent", [b"zz\r\n", b"-1\r\n", b"2\r\nabc\r\n", b"1\nX\r\n", b"0x1\r\n"])
def test_chunks_that_are_not_what_they_say_are_refused(sent: bytes) -> None:
    with pytest.raises(heads.Malformed):
        heads.Body(None).take(bytearray(sent))


def test_a_body_of_a_length_ends_there() -> None:
    body, buffer = heads.Body(3), bytearray(b"abcGET")
    assert body.take(buffer) == b"abc"
    assert body.done
    assert bytes(buffer) == b"GET"
