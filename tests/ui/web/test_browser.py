"""The screen in a real browser, Debian's Chromium without a window: a prompt, a paste, another size, a copy, a reload."""

import asyncio
import base64
import contextlib
import json
import re
import shutil
import signal
import sys
from pathlib import Path

import pyte
import pytest

from tests.cli.running import environ_in
from tests.server import FaultServer

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

KEYS = {"Enter": 13, "Escape": 27}
CONTROL, SHIFT = 2, 8


class Browser:
    """One page of a browser, driven over DevTools."""

    def __init__(self, socket):
        self._socket, self._number, self._waiting = socket, 0, {}
        self.painted, self.asked = b"", []
        self._reader = asyncio.create_task(self._read())

    async def call(self, method, **parameters):
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 60)

    async def _read(self):
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._waiting.pop(told["id"]).set_result(told.get("result"))
            elif told["method"] == "Network.webSocketFrameReceived":
                response = told["params"]["response"]
                if response["opcode"] == 2:
                    self.painted += base64.b64decode(response["payloadData"])
            elif told["method"] == "Network.webSocketCreated":
                self.painted = b""
            elif told["method"] == "Network.requestWillBeSent":
                self.asked.append(told["params"]["request"]["url"])

    async def evaluate(self, expression):
        return (await self.call("Runtime.evaluate", expression=expression, awaitPromise=True))["result"].get("value")

    async def press(self, key, modifiers=0):
        number = KEYS.get(key, ord(key[0].upper()))
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        press = {"key": key, "modifiers": modifiers, "windowsVirtualKeyCode": number}
        if modifiers in (0, SHIFT) and text:
            press["text"] = text
        await self.call("Input.dispatchKeyEvent", type="keyDown", **press)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=modifiers)

    async def type(self, text):
        for character in text:
            await self.press(character)

    def shown(self, columns=110, rows=40):
        screen = pyte.Screen(columns, rows)
        text = self.painted.decode(errors="replace")
        pyte.Stream(screen).feed(re.sub(r"\x1b[P_\]][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<>=][\d;]*[a-zA-Z]", "", text))
        return "\n".join(screen.display)

    async def until(self, condition):
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.05)

    async def sees(self, words):
        await self.until(lambda: words in self.shown())


@contextlib.asynccontextmanager
async def browsing(folder, address):
    """A browser that has opened an address."""
    words = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
    )
    chromium = await asyncio.create_subprocess_exec(
        CHROMIUM, *words, "--window-size=1000,700", "about:blank", stderr=asyncio.subprocess.DEVNULL
    )
    told = Path(folder, "DevToolsActivePort")
    try:
        async with asyncio.timeout(60):
            while not (told.exists() and told.read_text().strip()):
                await asyncio.sleep(0.05)
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{told.read_text().split()[0]}/json") as answer:
                page = next(each for each in await answer.json() if each["type"] == "page")
            async with http.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                for domain in ("Network", "Page", "Runtime"):
                    await browser.call(f"{domain}.enable")
                await browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
                await browser.call(
                    "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
                )
                await browser.call("Page.navigate", url=address)
                yield browser
    finally:
        chromium.send_signal(signal.SIGTERM)
        await chromium.wait()


async def test_a_prompt_a_paste_a_copy_and_a_reload_in_a_browser(tmp_path):
    environ = environ_in(tmp_path, PYTHONWARNINGS="ignore", TMUX="/tmp/none", DISPLAY=":none")
    with FaultServer() as endpoint:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", "--web", "--base-url", endpoint.url("ok"), "--model", "m"),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            address = (await server.stdout.readline()).decode().split()[1]
            async with browsing(tmp_path / "browser", address) as browser:
                await browser.sees("ready")
                await browser.type("hello")  # without a click
                await browser.press("Enter", SHIFT)
                await browser.type("there")
                await browser.sees("there")
                await browser.press("Enter")
                await browser.sees("twelve words")
                await browser.sees("complete")
                await browser.evaluate("navigator.clipboard.writeText('one pasted line\\nand another')")
                await browser.press("v", CONTROL)
                await browser.sees("and another")
                await browser.call(
                    "Emulation.setDeviceMetricsOverride", width=700, height=500, deviceScaleFactor=1, mobile=False
                )
                await browser.sees("one pasted line")
                await browser.press("Enter")
                await browser.until(lambda: browser.shown().count("complete ·") == 2)
                await browser.type("/copy")
                await browser.press("Enter")
                await browser.sees("sent to the browser")
                assert "twelve words" in await browser.evaluate("navigator.clipboard.readText()")
                await browser.call("Page.reload")
                await browser.sees("twelve words")
                await browser.sees("Ask anything")
                origin = address.partition("/?")[0]
                assert {url.startswith((origin, "data:")) for url in browser.asked} == {True}
                server.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(server.wait(), 60) == 0
        finally:
            if server.returncode is None:
                server.kill()
                await server.wait()
