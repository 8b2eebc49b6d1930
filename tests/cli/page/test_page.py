#!/usr/bin/env python3
"""The status page in a real browser: served as the board serves it, with documents that a board could answer, hostile
ones among them.

Standard library only. Without Chromium it exits with 77, which CTest calls skipped. VEILSUM_SCREENSHOTS=FOLDER keeps
pictures to look at; --serve NAME serves the page with the document of that name until interrupted.
"""
import http.server
import itertools
import json
import os
import pathlib
import re
import sys
import threading
import time
import unittest

import browser
import fixtures

ROOM = pathlib.Path(__file__).resolve().parents[3] / "cli" / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
PICTURES = os.environ.get("VEILSUM_SCREENSHOTS")


def policy():
    """What page.h tells the board to send."""
    lines = re.search(r"#define VS_PAGE_POLICY(.*?)\n\n", (ROOM / "page.h").read_text(), re.S).group(1)
    return "".join(re.findall(r'"([^"]*)"', lines))


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.asked.append(path)
        if path == "/v1/status":
            code, kind, body = 200, "application/json", self.server.answer()
            if isinstance(body, int):
                code, body = body, b""
        else:
            file = ROOM / ("index.html" if path == "/" else path[1:])
            there = file.parent == ROOM and file.is_file() and file.suffix in TYPES
            kind = TYPES.get(file.suffix, "text/plain") + "; charset=utf-8"
            code, body = (200, file.read_bytes()) if there else (404, b"")
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy())
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)


class Board(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.document, self.asked = {}, []
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a page that is left drops what it asked for
            super().handle_error(request, client_address)

    def answer(self):
        return self.document if isinstance(self.document, (int, bytes)) else json.dumps(self.document).encode()


def luminance(colour):
    """Relative, as WCAG 2 defines it."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = Board()
        cls.browser = browser.Browser(browser.find())

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.board.shutdown()
        cls.board.server_close()

    def open(self, document, width=1280, scheme="light"):
        self.board.document = document
        self.browser.events.clear()
        self.browser.look(width, scheme)
        self.browser.call("Page.navigate", url=self.board.url)
        self.browser.wait("location.protocol === 'http:' && document.getElementById('main')?.hidden === false")

    def text(self, selector):
        return self.browser.run(f"document.querySelector({json.dumps(selector)}).innerText").replace("\xa0", " ")

    def texts(self, selector):
        return self.browser.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.innerText.trim())")

    def count(self, selector):
        return self.browser.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def click(self, selector):
        self.browser.run(f"document.querySelector({json.dumps(selector)}).click()")

    def type(self, text):
        self.browser.run("document.querySelector('#filter').focus(); document.querySelector('#filter').select()")
        self.browser.call("Input.insertText", text=text)

    def offline(self, is_offline):
        self.browser.call("Network.emulateNetworkConditions", offline=is_offline, latency=0, downloadThroughput=-1,
                          uploadThroughput=-1)

    def matrix(self):
        return self.browser.run("""[...document.querySelectorAll('#matrix tr')].map(
            row => [...row.children].map(cell => cell.innerText.trim().replace(/\\s+/g, ' ')))""")

    def assert_quiet(self):
        """Nothing was asked for outside of the board, and the browser had nothing to complain of."""
        for request in self.browser.named("Network.requestWillBeSent"):
            url = request["request"]["url"]
            self.assertTrue(url.startswith((self.board.url, "data:image/svg+xml,")), url)
        complaints = self.browser.named("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        self.assertEqual(complaints, [])
        self.assertTrue(self.browser.run("document.getElementById('stale').hidden"), self.text("#stale"))

    def test_every_document_is_shown_at_every_width_in_light_and_dark(self):
        backgrounds = set()
        for name, document in fixtures.ALL.items():
            self.open(document())
            self.browser.wait("document.querySelectorAll('#matrix tbody tr').length > 0")
            for width, scheme in itertools.product((320, 360, 700, 1280), ("light", "dark")):
                with self.subTest(name=name, width=width, scheme=scheme):
                    self.browser.look(width, scheme)
                    backgrounds.add((scheme, self.browser.run("getComputedStyle(document.body).backgroundColor")))
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                    if PICTURES:
                        self.browser.screenshot(f"{PICTURES}/{name}-{width}-{scheme}.png")
            self.assert_quiet()
        self.assertEqual(len(backgrounds), 2)

    def test_the_matrix_has_each_message_at_its_place(self):
        self.open(fixtures.lost())
        rows = self.matrix()
        self.assertEqual(rows[0], ["Party", "State", "advertise", "share", "mask", "agree", "unmask"])
        self.assertEqual(rows[1][1:], ["here", "20:00:20 231 B", "20:00:33 1.8 kB", "20:00:46 164 kB", "–", "–"])
        self.assertEqual(rows[3][1:], ["lost", "20:00:20 231 B", "20:00:33 1.8 kB", "–", "–", "–"])
        self.assertEqual(rows[4][1:], ["waited for", "20:00:20 231 B", "20:00:33 1.8 kB", "waited for", "–", "–"])
        self.assertIn("West Hospital", rows[4][0])
        self.assertEqual(self.texts("#states button"), ["all 5", "waited for 1", "here 3", "lost 1"])

    def test_the_step_says_whom_it_waits_for_since_when_and_how_long_is_left(self):
        self.open(fixtures.lost())
        self.assertEqual(self.text("#headline"), "Waiting for WEST")
        self.assertEqual(self.text("#where"), "Step 3 of 5, mask")
        self.assertRegex(self.text("#since"), r"^since 20:01:10, for 1 min 0\d s$")
        self.assertRegex(self.text("#left"), r"^(1 min 00|5\d) s left$")
        self.assertEqual(self.browser.run("document.querySelector('#steps [aria-current]').textContent"), "mask")
        before = self.browser.run("document.getElementById('left').innerText")
        self.browser.wait(f"document.getElementById('left').innerText !== {json.dumps(before)}")

    def test_a_board_without_a_session_says_who_has_sent_nothing(self):
        self.open(fixtures.passing())
        self.assertEqual(self.text("#headline"), "Waiting for EAST")
        self.assertEqual(self.matrix()[0], ["Party", "State"])
        self.assertEqual(self.count("#matrix [aria-current]") + self.count("#steps li"), 0)
        self.assertEqual(self.browser.run("document.title"), "Costs by region")

    def test_the_plan_is_told_in_words_that_run_to_the_width_of_the_page(self):
        self.open(fixtures.waiting())
        self.assertEqual(self.text("#title"), "Costs by region")
        self.assertEqual(self.text("#about"), "Period 2026-11 · opened by the holder of a key · Yearly health report")
        self.assertEqual(self.texts("#words dt"), ["plan id", "purpose", "valid", "contributors", "groups"])
        self.assertEqual(self.texts("#words dd")[3], "those of the roster only, of at least 3 organisations and at "
                         "most 5 in a total, each of them once in a period")
        headings = self.texts("#words h3")
        self.assertEqual(headings[::3], ["How each contributor's table is read", "What nobody can promise"])
        self.assertIn("Cost: a number from 0 to 200 with at most 2 decimals; more are an error; beyond these an error; "
                      "an empty field is a missing value", self.texts("#words li"))

    def test_refused_messages_are_listed_with_their_reasons(self):
        self.open(fixtures.lost())
        rows = self.texts("#refused tbody td")
        self.assertEqual(rows[:3], ["20:02:08", "HARBOUR", "mask"])
        self.assertEqual(rows[3], "another message of this kind by this sender is there")
        self.assertEqual(rows[5:], ["unknown", "–", "not a message: the first bytes are not VSMG (12 times)"])
        self.assertEqual(self.text("#refused-link"), "2 messages were refused")

    def test_it_follows_the_board_without_being_loaded_again(self):
        self.open(fixtures.waiting())
        self.browser.run("window.stayed = true; document.querySelector('#matrix tbody tr').stayed = true")
        self.assertEqual(self.text("#headline"), "Waiting for EAST and HARBOUR")
        document = fixtures.waiting()
        document["step"]["waiting_for"] = ["HARBOUR"]
        document["parties"][1].update(state="here", steps=[{"at": fixtures.at(131), "bytes": 163840}, None, None])
        self.board.document = document
        self.browser.wait("document.getElementById('headline').innerText === 'Waiting for HARBOUR'")
        self.assertEqual(self.matrix()[2][2], "20:02:11 164 kB")
        document["now"] = fixtures.at(200)
        self.browser.wait("document.getElementById('left').innerText === 'the time is up'")
        self.board.document = fixtures.done()
        self.browser.wait("document.getElementById('headline').innerText === 'Done: the result is published'")
        self.assertEqual(self.browser.run("document.title"), "Done · Costs by region")
        self.assertTrue(self.browser.run("window.stayed && document.querySelector('#matrix tbody tr').stayed"))
        points = self.browser.run("document.querySelector('#spark .in').getAttribute('points')")
        self.assertGreaterEqual(len(points.split()), 3)
        self.assert_quiet()

    def test_a_result_shows_what_it_holds_and_says_what_is_withheld(self):
        self.open(fixtures.lost())
        self.assertTrue(self.browser.run("document.getElementById('result').hidden"))
        self.open(fixtures.done())
        self.assertEqual(self.texts("#result-table th"), ["Region", "count(rows)", "sum(Cost)", "mean(Age)"])
        self.assertEqual(self.texts("#result-table td"), [
            "North coast", "1204", "60310.25", "41.7", "Islands", "3", "withheld", "withheld",
            "Hills", "310", "15011.00", "–"])
        self.assertEqual(self.text("#withheld"), "Withheld: fewer rows than the plan's minimum (2).")
        self.assertIn("1 entry", self.text("#ledger"))
        self.assertIn("c4c4", self.text("#totals"))

    def test_hostile_text_is_text(self):
        self.open(fixtures.hostile())
        self.browser.wait("document.querySelectorAll('#matrix tbody tr').length === 8")
        page = self.text("body")
        self.assertEqual(self.count("body script, img, b > *, i, u, iframe"), 0)
        self.assertIn(fixtures.HOSTILE, page)
        self.assertIn("ab\\u202egnp.exe\\u2066", page)
        self.assertNotRegex(page, "[\u202a-\u202e\u2066-\u2069]")
        self.assertRegex(self.browser.run("document.title"), "^2/4 accepted · Costs <script>")
        self.assertEqual(self.count("#result-table tbody td"), 9)
        self.assert_quiet()

    def test_documents_that_are_none_break_nothing(self):
        for document in ({}, [], {"veilsum_status": 2}, b"not JSON", b""):
            with self.subTest(document=document):
                self.open(document)
                self.assertIn("not a status that this page can read", self.text("#stale"))
        for document in ({"veilsum_status": 1}, {"veilsum_status": 1, "now": 5, "plan": [], "step": "x", "steps": 5}):
            with self.subTest(document=document):
                self.open(document)
                self.assertEqual(self.text("#headline"), "Nobody is waited for")
                self.assert_quiet()

    def test_every_field_may_be_of_any_kind(self):
        for value, whole in itertools.product((None, 7, "x", [None], {"x": None}), (False, True)):
            document = fixtures.done()
            inner = [document] if whole else [document[key] for key in ("plan", "step", "traffic", "ledger", "result")]
            inner += [] if whole else document["parties"] + document["totals"]
            for part in inner:
                part.update({key: value for key in part if key != "veilsum_status"})
            with self.subTest(value=value, whole=whole):
                self.open(document)
                self.assert_quiet()

    def test_it_says_that_the_board_is_gone_since_when_and_comes_back(self):
        self.open(fixtures.waiting())
        self.board.document = 503
        self.browser.wait("!document.getElementById('stale').hidden")
        self.assertEqual(self.text("#stale-what"), "The board answers with an error (503).")
        self.assertRegex(self.text("#stale-since"), r"^Last heard at \d\d:\d\d:\d\d, \d+ s ago; what follows is from")
        self.assertEqual(self.text("#headline"), "Waiting for EAST and HARBOUR")
        self.offline(True)
        self.click("#ask")
        self.browser.wait("document.getElementById('stale-what').innerText === 'The board is not reachable.'")
        if PICTURES:
            self.browser.screenshot(f"{PICTURES}/stale.png")
        asked = len(self.board.asked)
        self.offline(False)
        self.board.document = fixtures.waiting()
        self.click("#ask")
        self.browser.wait("document.getElementById('stale').hidden")
        self.assertGreater(len(self.board.asked), asked)

    def test_a_page_that_nobody_looks_at_asks_seldom(self):
        self.open(fixtures.waiting())
        self.browser.run("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
        self.board.asked.clear()
        time.sleep(4)
        self.assertLessEqual(len(self.board.asked), 2)  # what was on its way when the page was hidden, and no more
        self.board.document = fixtures.done()
        self.browser.run("document.hidden = false; document.dispatchEvent(new Event('visibilitychange'))")
        self.browser.wait("document.getElementById('headline').innerText.startsWith('Done')", timeout=10)

    def test_a_board_in_trouble_is_asked_less_and_less_often(self):
        self.open(fixtures.waiting())
        self.board.document = 503
        self.browser.wait("!document.getElementById('stale').hidden")
        self.board.asked.clear()
        time.sleep(5)
        self.assertLessEqual(len(self.board.asked), 2)  # after 2 and 4 more seconds

    def test_a_thousand_parties_are_counted_capped_and_filtered(self):
        self.open(fixtures.thousand())
        self.assertEqual(self.text("#parties-title"), "1\u202f000 parties")
        self.assertEqual(self.texts("#states button"), ["all 1000", "waited for 90", "here 900", "lost 10"])
        self.assertEqual(self.text("#headline"),
                         "Waiting for OWNER-0013, OWNER-0023, OWNER-0033, OWNER-0043, OWNER-0053 and 85 more")
        self.assertEqual(len(self.matrix()), 101)
        self.click("#parties .more")
        self.assertEqual(len(self.matrix()), 201)
        self.click("#states [data-state=lost]")
        lost = [row[0].split()[0] for row in self.matrix()[1:]]
        self.assertEqual((len(lost), lost[:2]), (10, ["OWNER-0003", "OWNER-0103"]))
        self.click("#states [data-state=all]")
        self.type("clinic 777 ")
        self.assertEqual([row[0].split()[0] for row in self.matrix()[1:]], ["OWNER-0777"])
        self.type("nobody")
        self.assertEqual(self.texts("#parties .none"), ["No party like this."])

    def test_a_screen_reader_finds_tables_headings_and_news_at_any_width(self):
        for width in (360, 1280):
            with self.subTest(width=width):
                self.open(fixtures.lost(), width)
                self.assertEqual(self.browser.run("document.getElementById('announce').textContent"),
                                 "Step 3 of 5, mask. Waiting for WEST.")
                nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
                seen = [(n["role"]["value"], n.get("name", {}).get("value")) for n in nodes if not n["ignored"]]
                roles = [role for role, _ in seen]
                self.assertIn("status", roles)
                self.assertEqual((roles.count("table"), roles.count("rowheader")), (2, 5))
                self.assertEqual(roles.count("cell"), 5 * 6 + 2 * 4 if width > 600 else 5 + 13 + 1 + 2 * 4)
                for item in (("table", "5 parties"), ("table", "Refused messages"), ("heading", "The plan in words"),
                             ("heading", "Waiting for WEST"), ("group", "Show parties by state")):
                    self.assertIn(item, seen)
        self.open(fixtures.thousand())
        nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        self.assertIn("Filter parties by name or organisation",
                      [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == "searchbox"])

    def test_the_keyboard_reaches_every_control(self):
        self.open(fixtures.thousand())
        reached = []
        for _ in range(12):
            for kind in ("keyDown", "keyUp"):
                self.browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            reached.append(self.browser.run("(e => e.id || e.className || e.dataset.state)(document.activeElement)"))
        for control in ("skip", "all", "waiting", "filter", "more"):
            self.assertIn(control, reached)

    def test_colours_have_contrast(self):
        css = (ROOM / "style.css").read_text()
        blocks = re.findall(r":root \{(.*?)\}", css, re.S)
        light, dark = [dict(re.findall(r"--(\w[\w-]*): (#\w{6})", block)) for block in blocks]
        self.assertEqual(set(light), set(dark))
        for colours in (light, dark):
            for text in ("ink", "quiet", "accent", "amber", "red", "green"):
                for ground in ("paper", "raised"):
                    self.assertGreaterEqual(contrast(colours[text], colours[ground]), 4.5, (text, ground))
            self.assertGreaterEqual(contrast(colours["amber"], colours["amber-wash"]), 4.5)
            self.assertGreaterEqual(contrast(colours["ink"], colours["red-wash"]), 4.5)

    def test_the_sources_hold_no_markup_writer_and_no_other_address(self):
        writers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|<style|\sstyle=|\son\w+="
        for file in ROOM.iterdir():
            if file.suffix in TYPES:
                with self.subTest(file=file.name):
                    source = file.read_text()
                    self.assertNotRegex(source, writers)
                    addresses = re.findall(r"https?://[^'\"\s]+", source)
                    self.assertEqual(addresses, ["http://www.w3.org/2000/svg"] * source.count("xmlns="))


def serve(name):
    board = Board(int(os.environ.get("PORT", "0")))
    board.document = fixtures.ALL[name]()
    print(board.url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2])
    elif browser.find() is None:
        print("skipped: there is no chromium; on Debian: apt-get install chromium")
        sys.exit(77)
    else:
        unittest.main()
