"""A server on the loopback address that plays Overpass, Nominatim and a place of rasters, and stages every way to fail.

`Server.fail` holds what happens to the next requests, one after the other; after that it answers as it should. Every request
is noted in `Server.asked`.
"""

import json
import re
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BASE = "2026-11-29T20:21:22Z"
BBOX = re.compile(r"\[bbox:([-\d.,]+)\]")


def overpass_json(elements, *, base=BASE, **more):
    told = {"version": 0.6, "generator": "Overpass API", "osm3s": {"timestamp_osm_base": base}}
    return json.dumps({**told, "elements": elements, **more}).encode()


class Server:
    """What it answers: `elements` of OpenStreetMap, `places` of Nominatim by name, `files` by path; and what it was asked."""

    def __init__(self):
        self.elements, self.places, self.files, self.etags = [], {}, {}, {}
        self.base = {}  # the date of the data by the how-manieth query; else BASE
        self.fail, self.asked, self.ranges, self.agents = [], [], [], set()
        self.over = threading.Event()

    @property
    def queries(self):
        """The boxes (south, west, north, east) asked for, in their order."""
        return [tuple(map(float, BBOX.search(query)[1].split(","))) for path, query in self.asked if query]

    def within(self, box):
        """What Overpass gives for a box: whatever has a node in it, and the nodes and ways that is made of."""
        south, west, north, east = box
        known = {(e["type"], e["id"]): e for e in self.elements}
        inside = {
            key for key, e in known.items() if "lat" in e and south <= e["lat"] < north and west <= e["lon"] < east
        }
        for kind in ("way", "relation"):
            inside |= {key for key, e in known.items() if key[0] == kind and inside & set(_members(e))}
        wanted = {key for key in inside if key[0] != "node" or known[key].get("tags")}
        for kind in ("relation", "way"):
            wanted |= {member for key in wanted if key[0] == kind for member in _members(known[key])}
        return [known[key] for key in sorted(wanted)]


def _members(element):
    nodes = [("node", ref) for ref in element.get("nodes", ())]
    return nodes + [(member["type"], member["ref"]) for member in element.get("members", ())]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._note(form["data"][0])
        served = self.server.served
        if self._failed():
            return
        number = len(served.queries)
        self.send(200, overpass_json(served.within(served.queries[-1]), base=served.base.get(number, BASE)))

    def do_GET(self):
        self._note("")
        served, path = self.server.served, urlsplit(self.path)
        if self._failed():
            return
        if path.path.startswith("/search"):
            self.send(200, json.dumps(served.places.get(parse_qs(path.query)["q"][0], [])).encode())
        elif path.path in served.files:
            self._send_file(served.files[path.path], served.etags.get(path.path))
        else:
            self.send(404, b"<html><body><h1>Not Found</h1></body></html>", "text/html")

    def _note(self, query):
        self.server.served.agents.add(self.headers["User-Agent"])
        self.server.served.asked.append((self.path, query))

    def _failed(self):
        fail = self.server.served.fail
        how = fail.pop(0) if fail else None
        if how is not None:
            how(self)
        return how is not None

    def _send_file(self, content, etag):
        headers, wanted = ({"ETag": etag} if etag else {}), self.headers.get("Range")
        self.server.served.ranges.append(wanted)
        if wanted and self.headers.get("If-Range") == etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.send(206, content[start:], "image/tiff", headers)
        else:
            self.send(200, content, "image/tiff", headers)

    def send(self, status, body, kind="application/json", headers=None, *, said=None):
        """Send an answer; `said` is the length its head says, if that is not the true one."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if said is None else said))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if said is not None:
            self.close_connection = True


def says(status, body=b"busy", kind="text/plain", **headers):
    """It answers with a status and a body."""
    return lambda handler: handler.send(status, body, kind, {k.replace("_", "-"): v for k, v in headers.items()})


def ends_early(body, *, missing=100):
    """Its head promises more than comes."""
    return lambda handler: handler.send(200, body, said=len(body) + missing)


def resets(handler):
    """It breaks the connection off, without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()
    handler.wfile = handler.rfile  # nothing is to be flushed into what is closed


def drips(handler):
    """It sends one byte after the other, and never the last."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _drip(handler)


def drips_its_head(handler):
    """It sends the head of its answer one byte after the other, and never the last."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler)


def stays_silent(handler):
    """It takes the question and says nothing."""
    handler.server.served.over.wait(60)
    handler.close_connection = True


def _drip(handler):
    while not handler.server.served.over.wait(0.05):
        try:
            handler.wfile.write(b"x")
        except OSError:
            break
    handler.close_connection = True


@contextmanager
def served():
    """Give a server that runs, and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.served = Server()
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # who asked has gone
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.served, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.served.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
