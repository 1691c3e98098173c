"""A browser with the network cut: every page may ask for its own file and nothing else."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio

POLICY = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


@pytest.fixture
def browse(chromium, tmp_path):
    """Return a function: a page to what Chromium makes of it.

    The answer has `page` (Playwright's), `asked` (every address asked for), `failed`, `heard` (console and errors) and
    `picture()`. `serve` answers requests for other addresses, which otherwise are cut off.
    """
    contexts = []

    def open_page(html, *, size=(1400, 900), phone=False, fragment="", policy=True, serve=None):
        path = tmp_path / f"map{len(contexts)}.html"
        path.write_text(html if policy else re.sub(POLICY, "", html), encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, locale="zh-CN"
        )
        contexts.append(context)
        asked, failed, heard = [], [], []

        def route(call):
            asked.append(call.request.url)
            if call.request.url.split("#")[0] == path.as_uri():
                call.continue_()
            elif serve is None:
                call.abort()
            else:
                serve(call)

        context.route("**/*", route)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(path.as_uri() + fragment)
        page.evaluate(FRAMES)

        def picture():
            page.evaluate(FRAMES)
            file = tmp_path / "page.png"
            page.screenshot(path=file)
            return pixels(file)

        return SimpleNamespace(page=page, asked=asked, failed=failed, heard=heard, picture=picture, uri=path.as_uri())

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def look():
    """Return a function: the path of a picture to its pixels."""
    return pixels


def pixels(path):
    """Return a picture as (height, width, 3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as picture:
            return np.moveaxis(picture.read()[:3], 0, -1)
