"""Bodies that are compressed: all of them, nothing else, and nothing left out."""

import gzip
import zlib

import pytest

from harness import fetch, run
from origin.hostile import bomb
from raw_server import CLOSE, RawServer, response

TEXT = b"".join(b"%d bottles\n" % i for i in range(3000))
NOT_WHOLE = "the compressed body is not whole"
DAMAGED = "the compressed body is damaged"
BYTES_AFTER = "there are bytes after the end of the compressed body"


def deflated(data, window):
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


ZEROS = bomb("br", 1_100_000)

WHOLE = {  # coding, body, and what is in it
    "gzip": ("gzip", gzip.compress(TEXT), TEXT),
    "by its other name": ("X-GZip", gzip.compress(TEXT), TEXT),
    "two members": ("gzip", gzip.compress(TEXT) + gzip.compress(b"more"), TEXT + b"more"),
    "a hundred members": ("gzip", b"".join(gzip.compress(b"%d " % i) for i in range(100)),
                          b"".join(b"%d " % i for i in range(100))),
    "members without anything": ("gzip", gzip.compress(b"") * 3 + gzip.compress(b"x"), b"x"),
    "deflate": ("deflate", deflated(TEXT, 15), TEXT),
    "deflate without a header": ("deflate", deflated(TEXT, -15), TEXT),
    "a little deflate": ("deflate", deflated(b"a", -15), b"a"),
    "br": ("br", ZEROS, bytes(1_100_000)),
    "as it is": ("identity", TEXT, TEXT),
    "nothing": ("gzip", b"", b""),
}

BROKEN = {
    "half a gzip": ("gzip", gzip.compress(TEXT)[:2000], NOT_WHOLE),
    "a gzip without its last byte": ("gzip", gzip.compress(TEXT)[:-1], NOT_WHOLE),
    "a gzip without its checksum": ("gzip", gzip.compress(TEXT)[:-8], NOT_WHOLE),
    "half of the header of a gzip": ("gzip", gzip.compress(TEXT)[:5], NOT_WHOLE),
    "half of the second member": ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:2000], NOT_WHOLE),
    "half a deflate": ("deflate", deflated(TEXT, 15)[:2000], NOT_WHOLE),
    "half a deflate without a header": ("deflate", deflated(TEXT, -15)[:2000], NOT_WHOLE),
    "half a br": ("br", ZEROS[:-1], NOT_WHOLE),
    "a byte after a gzip": ("gzip", gzip.compress(TEXT) + b"x", BYTES_AFTER),
    "a line after a gzip": ("gzip", gzip.compress(TEXT) + b"\r\n", BYTES_AFTER),
    "a byte after a deflate": ("deflate", deflated(TEXT, 15) + b"x", BYTES_AFTER),
    "a byte after a br": ("br", ZEROS + b"x", BYTES_AFTER),
    "a bad checksum": ("gzip", gzip.compress(TEXT)[:-8] + bytes(8), DAMAGED),
    "no gzip": ("gzip", b"hello, world", DAMAGED),
    "no br": ("br", b"\xff" * 100, DAMAGED),
    "zstd": ("zstd", b"\x28\xb5\x2f\xfd" + bytes(20),
             "the body is encoded in a way that was not asked for"),
}


def chunked(body, *headers):
    """In chunks of 7 bytes."""
    pieces = [body[i:i + 7] for i in range(0, len(body), 7)]
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", *headers, b"", b""]) + b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def until_close(body, *headers):
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"", body]) + CLOSE


FRAMINGS = {"length": response, "chunked": chunked, "until close": until_close}


@pytest.fixture(params=FRAMINGS)
def server(request):
    frame = FRAMINGS[request.param]

    def respond(asked):
        kind, number = asked.target[1:].split("/")
        coding, body, _ = list({"whole": WHOLE, "broken": BROKEN}[kind].values())[int(number)]
        return frame(body, b"Content-Encoding: " + coding.encode())

    with RawServer(respond) as running:
        yield running


def test_what_is_whole_is_decoded(server, tmp_path):
    args = ["--compressed", "-o", "{index}"]
    result = fetch(*args, *[f"{server.url}/whole/{i}" for i in range(len(WHOLE))], cwd=tmp_path)
    for i, (name, (_, body, text)) in enumerate(WHOLE.items()):
        r = result.by_index[i]
        assert (r["error"], r["size_download"]) == (None, len(body)), name
        assert (tmp_path / str(i)).read_bytes() == text, name


def test_what_is_not_is_a_protocol_failure(server, tmp_path):
    args = ["--compressed", "-o", "{index}", "--checksum", "sha256"]
    result = fetch(*args, *[f"{server.url}/broken/{i}" for i in range(len(BROKEN))], cwd=tmp_path)
    for (name, (_, _, words)), r in zip(BROKEN.items(), result.by_index):
        assert (r["error"], r["errormsg"], r["checksum"]) == ("protocol", words, None), name
    assert not list(tmp_path.iterdir())


def test_without_compressed_it_is_left_as_it_is(server, tmp_path):
    kinds = [("whole", WHOLE), ("broken", BROKEN)]
    for kind, cases in kinds:
        urls = [f"{server.url}/{kind}/{i}" for i in range(len(cases))]
        assert run("-o", kind + "{index}", *urls, cwd=tmp_path).code == 0
        for i, (_, body, _) in enumerate(cases.values()):
            assert (tmp_path / f"{kind}{i}").read_bytes() == body
    result = fetch("--compressed", "--curl", "HTTP_CONTENT_DECODING=0", f"{server.url}/broken/0")
    assert result.result["ok"]


def test_half_of_a_body_is_tried_again():
    def half_at_first(request):
        body = gzip.compress(TEXT)
        return response(body[:2000] if request.number == 1 else body, b"Content-Encoding: gzip")

    with RawServer(half_at_first) as server:
        r = fetch("--compressed", "--retry", "1", "--retry-delay", "1ms", "--body", server.url).result
        assert (r["ok"], r["attempts"], r["body"]) == (True, 2, TEXT.decode())


def test_a_part_that_was_asked_for_may_end_anywhere():
    def first_part(_):
        body = gzip.compress(TEXT)
        return response(body[:2000], b"Content-Encoding: gzip",
                        b"Content-Range: bytes 0-1999/%d" % len(body), status=b"206 Partial Content")

    with RawServer(first_part) as server:
        r = fetch("--compressed", "-r", "0-1999", "--body", server.url).result
        assert r["ok"] and TEXT.startswith(r["body"].encode()) and len(r["body"]) > 100


def test_what_has_no_body_has_nothing_to_decode():
    def respond(request):
        status = {"/302": b"302 Found", "/204": b"204 No Content"}.get(request.target, b"200 OK")
        headers = [b"Location: /200"] if request.target == "/302" else []
        body = b"" if request.target == "/204" else b"not what it says"
        coding = b"identity" if request.target == "/200" and request.method == "GET" else b"zstd"
        if request.method == "HEAD":
            return response(b"", b"Content-Encoding: " + coding)
        return response(body, *headers, b"Content-Encoding: " + coding, status=status)

    with RawServer(respond) as server:
        result = fetch("--compressed", server.url + "/302", server.url + "/204")
        assert [r["errormsg"] for r in result.by_index] == [None, None]
        assert fetch("--compressed", "-I", server.url + "/200").result["ok"]


def test_a_length_may_come_twice_if_it_is_the_same():
    """RFC 9110, 8.6. As a list, and as two fields."""
    def respond(request):
        fields = {"/list": b"Content-Length: 5, 5", "/fields": b"Content-Length: 5\r\nContent-Length: 5",
                  "/zeros": b"Content-Length: " + b"0" * 40 + b"5"}[request.target]
        return b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\nhello"

    with RawServer(respond) as server:
        paths = ["/list", "/fields", "/zeros", "/list"]
        result = fetch("--body", "--sequential", *[server.url + path for path in paths])
        assert [r["body"] for r in result.by_index] == ["hello"] * 4
        assert server.connections == 1
