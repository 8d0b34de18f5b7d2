"""Pages of other people in the browser of somebody who has the app open: none of them gets in.

The browser finds `evil.example` on this machine, as it does a name that its owner has bound anew.
Cookies are not kept apart by port: another server on this machine gets those of the app.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulation.app.links import SCENARIO
from tests.app.browser_fixtures import CHROMIUM, chromium, held
from tests.app.browsing import bar, ready, settled, until
from tests.app.results_folders import compared

pytestmark = pytest.mark.full

EVIL = "evil.example"
PAGE = "<!doctype html><title>evil</title><body>a page of somebody else</body>"
#: what a page tries on the app at `base`; everything that it could read or open comes back
ATTACK = """
async base => {
  const seen = {read: [], sockets: [], loaded: [], status: []};
  const paths = ['/', '/crossings/ground.json', '/crossings/plotly.min.js', '/resourcez', '/readyz',
    '/results/pair/report.html', '/static/main-vuetify.js', '/jupyter/api/kernels/1',
    '/_solara/cdn/requirejs@2.3.6/require.js'];
  const ways = [{}, {credentials: 'include'}, {mode: 'no-cors', credentials: 'include'}];
  for (const path of paths) for (const way of ways) {
    try {
      const answer = await fetch(base + path, way);
      if (answer.type !== 'opaque') seen.status.push(answer.status);
      const text = await answer.text();
      if (answer.ok && text) seen.read.push(path);
    } catch {}
  }
  const close = '/_solara/api/close/1?session_id=1';
  for (const way of ways) {
    try {
      const answer = await fetch(base + close, {method: 'POST', ...way});
      if (answer.ok) seen.read.push(close);
    } catch {}
  }
  const channels = '/jupyter/api/kernels/attack/channels?session_id=attack';
  seen.sockets.push(await new Promise(done => {
    const socket = new WebSocket(base.replace('http', 'ws') + channels);
    socket.onopen = () => done('open');
    socket.onerror = socket.onclose = () => done('refused');
  }));
  for (const [tag, key, path] of [['script', 'src', '/static/main-vuetify.js'],
      ['script', 'src', '/crossings/plotly.min.js'], ['img', 'src', '/static/assets/favicon.png'],
      ['link', 'href', '/static/highlight.css']]) {
    const one = document.createElement(tag);
    one.rel = 'stylesheet';
    const loaded = new Promise(done => {
      one.onload = () => done(true);
      one.onerror = () => done(false);
    });
    one[key] = base + path;
    document.head.append(one);
    if (await loaded) seen.loaded.push(path);
  }
  return seen;
}
"""
FRAME = """
address => new Promise(done => {
  const frame = document.createElement('iframe');
  frame.onload = frame.onerror = () => done();
  frame.src = address;
  document.body.append(frame);
})
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of another server on this machine."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "index.html").write_text(PAGE)
    pages = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), pages) as other:
        thread = threading.Thread(target=other.serve_forever, daemon=True)
        thread.start()
        yield other.server_address[1]
        other.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def started_chromium():
    """Chromium, to which a name of somebody else leads to this machine."""
    with chromium([*CHROMIUM, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]) as one:
        yield one


@pytest.fixture
def victim(visit, server):
    """The page of somebody whose app is open, with results to read."""
    if not (server.results / "pair").exists():
        compared(server.results / "pair")
    page = visit().page
    ready(page)
    settled(page)
    yield page
    leave(page)


def leave(page) -> None:
    """Leave a page, which ends its session; closing the browser leaves it for some minutes."""
    page.goto("about:blank")


@pytest.fixture(params=["another site", "another port of this machine", "a name bound anew"])
def attack(request, victim, server, elsewhere):
    """Opens a page of somebody else in the same browser; gives the address at which it finds us."""
    bound = f"http://{EVIL}:{server.url.rpartition(':')[2]}"
    kinds = {
        "another site": (f"http://{EVIL}:{elsewhere}/", server.url),
        "another port of this machine": (f"http://127.0.0.1:{elsewhere}/", server.url),
        "a name bound anew": (f"{bound}/loaded", bound),
    }
    address, target = kinds[request.param]

    def opened():
        page = victim.context.new_page()
        if target == bound:
            # the page came from its owner's machine; from then on its name leads to the app
            page.route(address, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.goto(address)
        return page, target

    return opened


def test_from_the_page_itself_all_of_it_works(browser, victim, server):
    """The attack is a real one: where it may read and open, it does."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.entry())
    ready(page)
    before = held(server).sessions
    seen = page.evaluate(ATTACK, server.url)
    assert {"/", "/crossings/ground.json", "/results/pair/report.html"} <= set(seen["read"])
    assert seen["sockets"] == ["open"]
    assert len(seen["loaded"]) == 4
    assert held(server).sessions == before + 1
    page.evaluate("fetch('/_solara/api/close/attack?session_id=attack', {method: 'POST'})")
    leave(page)
    context.close()


def test_another_page_reads_nothing_opens_nothing_and_drives_nothing(attack, victim, server):
    page, address = attack()
    before, at = bar(victim), held(server).sessions
    seen = page.evaluate(ATTACK, address)
    assert seen["read"] == []
    assert seen["sockets"] == ["refused"]
    assert seen["loaded"] == []
    assert set(seen["status"]) <= {403}
    for path in ("/", "/results/pair/report.html"):
        page.evaluate(FRAME, f"{address}{path}")
    frames = [one for one in page.frames if one is not page.main_frame]
    assert len(frames) == 2
    for frame in frames:
        until(page, lambda frame=frame: frame.url, "the frame is not loaded")
        # Chromium shows a page of its own in place of one that refuses to be framed
        assert frame.url == "chrome-error://chromewebdata/"
        assert "crossings" not in frame.content()
    assert held(server).sessions == at
    assert bar(victim) == before


WAYS = {
    "a window": "address => window.open(address)",
    "its own tab": "address => { location.href = address; }",
    "a form": "address => { const form = document.createElement('form'); form.action = address;"
    " form.method = 'POST'; document.body.append(form); form.submit(); }",
}


def test_another_page_cannot_open_it_without_its_user(attack, victim, server):
    at, named = held(server).sessions, "full-sharing"
    for way, script in WAYS.items():
        page, address = attack()
        pages = len(victim.context.pages)
        page.evaluate(script, f"{address}/?{SCENARIO}={named}")
        if way == "a window":
            new = until(page, lambda n=pages: victim.context.pages[n:], "nothing is opened")
            page = new[0]
        until(page, lambda page=page: named in page.url, "the address is not opened")
        page.wait_for_load_state()
        assert page.locator(".crossings-bar, script").count() == 0, way
        assert held(server).sessions == at, way


def test_whoever_follows_a_link_on_another_page_goes_on_with_one_click(visit, server, elsewhere):
    """A what-if that a colleague sent: the browser sends no cookie along with such a link."""
    mine = visit().page
    ready(mine)
    mail = mine.context.new_page()
    mail.goto(f"http://{EVIL}:{elsewhere}/")
    link(mail, f"{server.url}/?{SCENARIO}=full-sharing")
    mail.get_by_role("link", name="continue").click()
    ready(mail, two=True)
    assert without_tab(mail) == f"{server.url}/?{SCENARIO}=full-sharing"
    mail.reload()
    ready(mail, two=True)
    leave(mail)
    leave(mine)


def test_the_printed_address_works_in_a_terminal_on_another_page(browser, server, elsewhere):
    context = browser.new_context()
    terminal = context.new_page()
    terminal.goto(f"http://{EVIL}:{elsewhere}/")
    link(terminal, server.entry())
    terminal.get_by_role("link", name="continue").click()
    ready(terminal)
    assert without_tab(terminal) == f"{server.url}/"
    (cookie,) = [one for one in context.cookies() if one["name"].startswith("crossings-")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert server.token not in terminal.evaluate("document.cookie")
    leave(terminal)
    context.close()


def without_tab(page):
    """The address of a page without the tab that `ready` opens."""
    return page.url.replace("tab=watch&", "").removesuffix("?tab=watch")


def link(page, address):
    """Follow a link on a page of somebody else."""
    page.evaluate(
        "address => { const a = document.createElement('a'); a.href = address;"
        " a.textContent = 'here'; document.body.append(a); }",
        address,
    )
    page.get_by_role("link", name="here").click()
    page.get_by_role("link", name="continue").wait_for()


def test_without_the_token_a_browser_gets_the_plain_page(browser, server):
    context = browser.new_context()
    page = context.new_page()
    for path in ("/", "/results/pair/report.html", "/crossings/ground.json", "/resourcez"):
        answer = page.goto(f"{server.url}{path}")
        assert answer.status == 403
        assert page.get_by_role("heading", name="Use the printed address").count() == 1
        assert page.locator("script").count() == 0
    context.close()


def test_a_report_can_be_reloaded_in_a_tab_of_its_own(victim, server):
    report = victim.context.new_page()
    assert report.goto(f"{server.url}/results/pair/report.html").status == 200
    assert report.reload().status == 200
    seen = report.evaluate(ATTACK, server.url)
    assert seen["read"] == []
    assert seen["sockets"] == ["refused"]


def test_a_page_that_is_left_ends_its_session_at_once(visit, server):
    first = visit().page
    ready(first)
    before = held(server).sessions
    second = visit().page
    ready(second)
    assert held(server).sessions == before + 1
    leave(second)
    until(
        first,
        lambda: held(server).sessions == before,
        "the session of a page that was left goes on",
    )
