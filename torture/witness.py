"""A real Chromium that tells what runs in a page: calls of `hit`, dialogs, requests to others, and what the console says."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READER = "http://reader.example/"  # a page without any policy
WAYS = ("inserted", "written", "parsed")  # in which readers put the HTML of a feed into their page
_OURS, _READERS = {"image"}, {"image", "media"}  # what loads by itself; on our pages films do when they are played
_UNLOADED = re.compile(r"Failed to load resource|net::ERR_")

# In every document, frames too. Whatever a vector calls is told.
_HOOK = """
for (const name of ["hit", "alert", "confirm", "prompt", "print"]) {
  Object.defineProperty(window, name, {value: (...words) => witnessed(name + " in " + location.href), writable: false});
}
"""

# Does to everything in the page what readers do, and looks for what only waits to run.
_PROD = """async (own) => {
  const wrong = [];
  addEventListener("click", (event) => event.preventDefault(), true);
  addEventListener("submit", (event) => event.preventDefault(), true);
  const events = ["click", "auxclick", "contextmenu", "mouseover", "mouseenter", "pointerenter", "focus", "blur", "input",
    "toggle", "beforetoggle", "load", "error", "begin", "animationstart", "transitionend", "scroll", "copy", "start"];
  const links = new Set(["http:", "https:", "mailto:", "tel:", ...(own ? ["feed:", "follow:"] : [])]);
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    for (const {name: key, value} of element.attributes) {
      if (/^on/i.test(key) || /^(srcdoc|formaction|ping|background|nonce|is|xlink:href|action)$/i.test(key) &&
          !(own && name === "form")) wrong.push(`<${name} ${key}=${value.slice(0, 80)}>`);
    }
    if (/^(a|area)$/.test(name) && element.hasAttribute("href") && !links.has(element.protocol))
      wrong.push(`a link to ${element.href.slice(0, 80)}`);
    if (/^(iframe|frame|object|embed|base|template|portal|math|foreignobject)$/i.test(name)) wrong.push(`<${name}>`);
    if (name === "meta" && element.httpEquiv && !(own && /policy/i.test(element.httpEquiv))) wrong.push("<meta http-equiv>");
    if (name === "form" && !(own && new URL(element.action).origin === location.origin)) wrong.push("<form>");
    if (name === "script" && !(own && (element.type === "application/ld+json" || element.src.startsWith(location.origin + "/static/"))))
      wrong.push("<script>");
    for (const type of events) element.dispatchEvent(new Event(type, {cancelable: true}));
  }
  for (const image of document.images) image.loading = "eager";
  const loaded = Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 1000))]);
  return wrong;
}"""

# A reader that believes what feeds say: HTML is put into the page as it comes, plain text is not.
_READ = """([text, form, way]) => {
  const items = [];
  if (form === "json") {
    for (const item of JSON.parse(text).items) items.push([item.title, item.content_html, item.url]);
  } else {
    const document = new DOMParser().parseFromString(text, "application/xml");
    if (document.querySelector("parsererror")) throw new Error("not XML");
    for (const item of document.querySelectorAll("item, entry")) {
      const title = item.querySelector("title").textContent;
      const link = item.querySelector("link").getAttribute("href") || item.querySelector("link").textContent;
      for (const part of item.children) {
        const isHtml = /^(encoded|description)$/.test(part.localName) || part.getAttribute("type") === "html";
        if (isHtml) items.push([title, part.textContent, link]);
      }
    }
  }
  const escaped = (plain) => new Option(plain).innerHTML.replaceAll('"', "&quot;");
  const shown = items.map(([title, html, link]) =>
    `<section class=item><h2><a href="${escaped(link)}" title="${escaped(title)}">${escaped(title)}</a></h2><div>${html}</div></section>`);
  if (way === "written") { document.open(); document.write(`<!doctype html><body>${shown.join("")}</body>`); document.close(); }
  else for (const one of shown) {
    // A parser without scripts reads `noscript` in another way; what it made is written out and read once more.
    const html = way === "parsed" ? new DOMParser().parseFromString(one, "text/html").body.innerHTML : one;
    document.body.insertAdjacentHTML("beforeend", html);
  }
  const sections = [...document.querySelectorAll("body > section.item")].filter((one) => one.children.length === 2);
  if (sections.length !== items.length) witnessed(`${sections.length} of ${items.length} articles stay in their place`);
  return items.length;
}"""


@dataclass
class Witness:
    """One browser window on the site at `base`. `seen` is what should not have been: for each, where."""

    page: Page
    base: str
    seen: list[str] = field(default_factory=list)
    opened: int = 0

    def open(self, path: str) -> None:
        """Open a page of ours, and do in it what can be done."""
        self.opened += 1
        try:
            self.page.goto(f"{self.base}{path}")
        except Error as error:
            if "Download is starting" in error.message or "ERR_ABORTED" in error.message:
                return
            self._tell(f"it cannot be opened: {error.message.splitlines()[0]}")
            return
        if "html" in str(self.page.evaluate("document.contentType")):
            self._prod(own=True)
        if not self.page.url.startswith(self.base):
            self._tell("it leads elsewhere")

    def read(self, document: str, form: str, ways: Iterable[str] = WAYS) -> int:
        """Show a feed (`form` is rss, atom or json) in a reader without a policy; how many texts were shown."""
        texts = 0
        for way in ways:
            self._to_reader()
            try:
                texts += int(self.page.evaluate(_READ, [document, form, way]))
                self._prod(own=False)
            except Error as error:
                self._tell(f"{form}: {error.message.splitlines()[0]}")
        return texts

    def _to_reader(self) -> None:
        """Go to the empty page, from one that may be about to lead elsewhere."""
        for _ in range(5):
            try:
                self.page.goto(READER)
            except Error:
                continue
            return
        self.page.goto(READER)

    def _prod(self, *, own: bool) -> None:
        for wrong in self.page.evaluate(_PROD, own):
            self._tell(str(wrong))

    def _tell(self, what: str) -> None:
        self.seen.append(f"{self.page.url[:200]}: {what}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _UNLOADED.search(message.text):
            self._tell(f"console: {message.text[:200]}")

    def _elsewhere(self, route: Route, request: Request) -> None:
        if request.url == READER:
            route.fulfill(body="<!doctype html><meta charset=utf-8><body></body>", content_type="text/html")
            return
        may_load = _READERS if request.frame.url.startswith(READER) else _OURS
        if request.resource_type not in may_load:
            self._tell(f"request: {request.resource_type} {request.url[:200]}")
        route.abort()


@contextmanager
def witness(base: str) -> Iterator[Witness]:
    """Open a window. Raises FileNotFoundError where there is no Chromium."""
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(f"{CHROMIUM} is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        context: BrowserContext = browser.new_context()
        context.set_default_timeout(15_000)
        one = Witness(context.new_page(), base)
        context.expose_binding("witnessed", lambda _, what: one._tell(f"ran: {what}"))
        context.add_init_script(_HOOK)
        ours = json.dumps(base)[1:-1]
        context.route(re.compile(f"^(?!{re.escape(ours)})"), one._elsewhere)
        context.on("dialog", lambda dialog: (one._tell(f"dialog: {dialog.message}"), dialog.dismiss()))
        context.on("console", one._said)
        context.on("weberror", lambda error: one._tell(f"script: {error.error}"))
        context.on("page", lambda page: one._tell(f"a window: {page.url}"))
        yield one
        context.close()
        browser.close()
