"""Asking a server: nothing hangs, nothing is asked without end, and no half of an answer passes for the whole.

An exchange runs in a thread of its own, so that whatever stalls it (a name that is not resolved, a head or a body that
drips) is given up when nothing came for a while. What went wrong is an `AnswerError`: said in one line, with how often it is
worth asking. The waits between grow, and are at least what the server asks for (Retry-After).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from importlib.metadata import version
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

from suizhou_geo.errors.text import Text

WAITS_S = (5.0, 15.0, 45.0, 90.0)  # before the second, third, fourth and fifth time of asking
LONGEST_WAIT_S = 600.0
CONNECT_S, PATIENCE_S = 15.0, 60.0  # for a connection, for the next 64 KB
_CHUNK = 1 << 16
MOST_BYTES, MOST_HELD_BYTES = 8_000_000_000, 1_000_000_000  # of one answer: on the disk, in memory
_MOST_SAID = 160
_OK = 200
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_BEFORE_THE_ERROR = re.compile(r"(?is).*<strong[^>]*>\s*error\s*</strong>\s*:?")
_HEAD_OF_PAGE = re.compile(r"(?is)<head\b.*?</head>|<(script|style)\b.*?</\1>")
_WHOSE = re.compile(r"^\w+\([^)]*\): |^<[^>]*>: ")  # the connection an error of urllib3 is of
_Given = TypeVar("_Given")


class AnswerError(Exception):
    """A server did not answer, or not with what was asked for.

    `tries` is how often it may be asked in all before giving up, `wait_s` what it says it wants to be left alone for.
    """

    def __init__(self, said: Text, *, tries: int = 1, wait_s: float = 0.0, unreachable: bool = False) -> None:
        """Take what is said of it, in one line."""
        super().__init__(said.en)
        self.said, self.tries, self.wait_s, self.unreachable = said, tries, wait_s, unreachable


def passing(said: Text, *, wait_s: float = 0.0) -> AnswerError:
    """Return an error that may pass: worth asking again."""
    return AnswerError(said, tries=len(WAITS_S) + 1, wait_s=wait_s)


def persevering(ask: Callable[[], _Given], tell: Callable[[Text], None]) -> _Given:
    """Ask until there is an answer, as often as the errors allow; `tell` hears why and how long is waited."""
    tried = 0
    while True:
        try:
            return ask()
        except AnswerError as error:
            tried += 1
            if tried >= error.tries:
                raise
            wait_s = max(WAITS_S[tried - 1], error.wait_s)
            if wait_s > LONGEST_WAIT_S:
                raise
            tell(error.said + Text(f"；{wait_s:.0f} 秒后再试", f"; asked again in {wait_s:.0f} s"))
        time.sleep(wait_s)


def asked(url: str, *, form: dict[str, str] | None = None, patience_s: float = PATIENCE_S) -> bytes:
    """Return the whole body of an answer with status 200; with a form it is posted.

    Raises:
        AnswerError: no server, no answer in time, another status, or a body that ends early or is too large.
    """
    parts = exchange(url, form=form, patience_s=patience_s, most_bytes=MOST_HELD_BYTES)
    response = next(parts)
    body = b"".join(parts)
    check_status(response, body)
    return body


def exchange(
    url: str,
    *,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    patience_s: float = PATIENCE_S,
    most_bytes: int,
) -> Iterator[Any]:
    """Yield the response of a server (status and head), then its body as it comes, in pieces; one without end is given up."""
    import requests

    def talk() -> Iterator[Any]:
        method, limits = ("POST" if form else "GET"), (CONNECT_S, 2 * patience_s)  # given up before, and in our words
        told = {"User-Agent": user_agent()} | (headers or {})
        with (
            requests.Session() as session,
            session.request(method, url, data=form, headers=told, timeout=limits, stream=True) as response,
        ):
            yield response
            have = 0
            for part in response.iter_content(_CHUNK):
                have += len(part)
                if have > most_bytes:
                    most_mb = most_bytes / 1e6
                    raise AnswerError(
                        Text(f"数据超过 {most_mb:,.0f} MB，不再接收", f"it gave more than {most_mb:,.0f} MB: given up")
                    )
                yield part

    return in_time(talk, url, patience_s=patience_s)


def in_time(talk: Callable[[], Iterator[_Given]], url: str, *, patience_s: float) -> Iterator[_Given]:
    """Yield what a talk with a server gives; give it up where it gives nothing for `patience_s`."""
    import requests

    given: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    left = Event()

    def listen() -> None:
        try:
            for item in talk():
                given.put(("item", item))
                if left.is_set():
                    return
            given.put(("end", None))
        except BaseException as error:  # noqa: BLE001 -- raised again below, where it is waited for
            given.put(("error", error))

    Thread(target=listen, daemon=True).start()
    try:
        while True:
            kind, item = given.get(timeout=patience_s)
            if kind == "end":
                return
            if kind == "error":
                raise item
            yield item
    except Empty:
        said = Text(f"{patience_s:.0f} 秒内没有收到新的数据", f"nothing more came for {patience_s:.0f} s")
        raise passing(said) from None
    except requests.RequestException as error:
        raise _broken(error, url) from error
    finally:
        left.set()


def _broken(error: Any, url: str) -> AnswerError:
    """What went wrong with an exchange, of what requests raises."""
    import requests
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

    within = error.args[0] if error.args else error
    within = getattr(within, "reason", None) or within
    line = _line(_WHOSE.sub("", str(within)))
    if isinstance(error, requests.exceptions.SSLError):
        return AnswerError(Text(f"加密连接不成立（原文：“{line}”）", f"no secure connection ({line})"))
    if isinstance(error, ValueError):
        return AnswerError(Text(f"地址 {url} 不能用", f"{url} is no address that can be asked"))
    if isinstance(within, (ConnectTimeoutError, NewConnectionError, ProxyError)):
        said = Text(f"连不上（原文：“{line}”）", f"it cannot be reached ({line})")
        return AnswerError(said, tries=2, unreachable=True)
    return passing(Text(f"回答中断（原文：“{line}”）", f"the answer broke off ({line})"))


def check_status(response: Any, body: bytes = b"") -> None:
    """Refuse any status but 200, with what the server says.

    Raises:
        AnswerError: it says it is busy (worth asking again, after Retry-After), or refuses.
    """
    status = response.status_code
    if status == _OK:
        return
    line = said_in(body) or str(response.reason)
    said = Text(f"回答 {status}（原文：“{line}”）", f"it answered {status} ({line})")
    raise passing(said, wait_s=_retry_after(response)) if status in _BUSY else AnswerError(said)


def _retry_after(response: Any) -> float:
    """Seconds a server wants to be left alone for: it says a number, or the time of day."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isdigit():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(tz=UTC)).total_seconds())


def json_of(body: bytes) -> Any:
    """Return the JSON of a body.

    Raises:
        AnswerError: it is a web page (said in one line), or breaks off.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    if text.startswith("<"):
        line = said_in(body)
        raise AnswerError(Text(f"回答的是网页，不是数据（原文：“{line}”）", f"it answered with a web page ({line})"))
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        said = Text(f"回答不完整（只有 {len(body):,} 字节）", f"the answer breaks off after {len(body):,} bytes")
        raise passing(said) from None


def said_in(body: bytes) -> str:
    """Return the words of an error page in one line; an Overpass server's from its "Error:" on."""
    text = _HEAD_OF_PAGE.sub(" ", body[: 1 << 16].decode("utf-8", "replace"))
    text = _BEFORE_THE_ERROR.sub("", text)
    return _line(unescape(re.sub(r"<[^>]*>", " ", text)))


def _line(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _MOST_SAID else line[:_MOST_SAID] + "…"


def host_of(url: str) -> str:
    """Return the name of a server, as it stands in an address."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def user_agent() -> str:
    """Return how the package names itself to servers, as their rules of use ask."""
    return f"suizhou_geo/{version('suizhou-geo')}"
