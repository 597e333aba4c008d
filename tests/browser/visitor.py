"""A person at a browser: real Chromium on the real pages. What goes wrong behind the page is kept, to be asserted."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route

DESKTOP = {"width": 1024, "height": 720}
PHONE = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """One browser window. `wrong` is what a console shows in red, and requests to others that are for no picture."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.route(lambda url: not url.startswith(self.base), self._elsewhere)

    def open(self, path: str) -> Response:
        """Type an address."""
        response = self.page.goto(f"{self.base}{path}")
        assert response is not None
        return response

    def follow(self, name: str, within: str = "body") -> None:
        """Follow a link, by its text, and wait until the page is there with its styles."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def language(self) -> str | None:
        return self.page.locator("html").get_attribute("lang")

    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def brightness(self) -> float:
        """Of the page's background, 0 to 255."""
        color = self.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)")
        return sum(map(int, color)) / 3

    def _said(self, message: ConsoleMessage) -> None:
        asked_for = message.location["url"] == self.page.url and "status of 404" in message.text
        if message.type in ("error", "warning") and not asked_for:
            self.wrong.append(f"console: {message.text}")

    def _elsewhere(self, route: Route, request: Request) -> None:
        """Nothing leaves the machine: pictures of others are painted here."""
        if request.resource_type == "image":
            route.fulfill(body=picture(request.url), content_type="image/svg+xml")
        else:
            self.wrong.append(f"request: {request.resource_type} {request.url}")
            route.abort()


Visit = Callable[..., Visitor]


def visitor(browser: Browser, base: str, language: str = "", **options: Any) -> Visitor:
    """Somebody who has not been here before, or who once chose a language."""
    context = browser.new_context(**{"viewport": DESKTOP, "color_scheme": "light"} | options)
    if language:
        context.add_cookies([{"name": "lang", "value": language, "url": base}])
    context.set_default_timeout(10_000)
    return Visitor(context.new_page(), base)


def picture(address: str) -> str:
    """A landscape, always the same for an address."""
    seed = hashlib.sha256(address.encode()).digest()
    hue, low = seed[0] * 360 // 256, [byte // 3 for byte in seed]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800" viewBox="0 0 1200 800">
<linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl({hue},45%,70%)"/>
<stop offset="1" stop-color="hsl({(hue + 35) % 360},60%,88%)"/></linearGradient>
<rect width="1200" height="800" fill="url(#sky)"/>
<circle cx="{250 + 8 * low[1]}" cy="{150 + low[2]}" r="{60 + low[3]}" fill="#fff" opacity=".8"/>
<path d="M0 {480 + low[4]}C300 {400 + low[5]} 520 640 820 {500 + low[6]}S1100 {450 + low[7]} 1200 560V800H0Z"
 fill="hsl({(hue + 200) % 360},30%,45%)" opacity=".85"/>
<path d="M0 {620 + low[8]}C260 600 560 {700 + low[9]} 830 660S1100 620 1200 {660 + low[10]}V800H0Z"
 fill="hsl({(hue + 210) % 360},35%,28%)"/></svg>"""
