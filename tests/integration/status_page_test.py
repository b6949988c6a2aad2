"""The status page as a browser shows it: its words, its colours, on a phone and on a desk, light and dark."""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import case
from support.case import require_programs, wait_for
from support.desk_case import DeskCase, require_desk

HOSTILE = "<script>alert(1)</script> & <img src=x onerror=alert(2)>"
LONG = "https://status.carrier.example/" + "incidents" * 30

# Stands at the end of a copy of the page, and writes what the browser made of it in place of all else.
PROBE = """<script>
const channels = colour => { const c = colour.match(/[\\d.]+/g).map(Number); return c.length > 3 && c[3] === 0 ? null : c; };
const luminance = colour => colour.slice(0, 3).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const background = element => element === null ? [255, 255, 255]
  : channels(getComputedStyle(element).backgroundColor) || background(element.parentElement);
const contrasts = [...document.body.querySelectorAll('*')]
  .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && each.tagName !== 'SCRIPT')
  .map(each => {
    const [a, b] = [luminance(channels(getComputedStyle(each).color)), luminance(background(each))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), each.tagName + ': ' + each.textContent.trim().slice(0, 40)];
  });
const found = {
  title: document.title, text: document.body.innerText, scripts: document.scripts.length, images: document.images.length,
  resources: performance.getEntriesByType('resource').length, language: document.documentElement.lang,
  width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth,
  page: background(document.body), lowest: contrasts.sort((a, b) => a[0] - b[0])[0],
  handlers: [...document.querySelectorAll('*')].filter(each => [...each.attributes].some(a => a.name.startsWith('on'))).length,
};
document.documentElement.innerHTML = '<body><pre id="found"></pre></body>';
document.getElementById('found').textContent = JSON.stringify(found);
</script>"""


class StatusPageTest(DeskCase):
    delivers = False

    def setUp(self):
        super().setUp()
        self.page = self.folder / "status"
        self.start_desk(status_page={"directory": str(self.page)})

    def wait_page(self, words: str) -> None:
        wait_for(lambda: (self.page / "index.html").exists() and words in (self.page / "index.html").read_text(),
                 f"the page says {words}")

    def browse(self, width: int, dark: bool) -> dict:
        """What a window of that width shows."""
        html = (self.page / "index.html").read_text()
        self.assertEqual(html.count("</body>"), 1)
        copy = self.folder / "page" / "index.html"
        copy.parent.mkdir(exist_ok=True)
        # The page's own policy would keep the probe from running.
        copy.write_text(re.sub(r"<meta http-equiv[^>]*>", "", html).replace("</body>", PROBE + "</body>"))
        shown = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
             "--no-first-run", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
             f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--user-data-dir={self.folder / 'browser'}",
             f"--window-size={width},900", "--dump-dom", copy.as_uri()],
            env={**os.environ, "HOME": str(self.folder)}, capture_output=True, text=True, timeout=120, check=True).stdout
        found = re.search(r'<pre id="found">(.*?)</pre>', shown, re.DOTALL)
        self.assertIsNotNone(found, shown)
        return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))

    def assert_readable(self, shown: dict) -> None:
        self.assertEqual(shown["overflow"], 0, f"{shown['width']} pixels are not wide enough")
        self.assertEqual((shown["scripts"], shown["images"], shown["resources"], shown["handlers"]), (1, 0, 0, 0))
        self.assertGreaterEqual(shown["lowest"][0], 4.5, shown["lowest"][1])

    def test_everything_is_there_and_readable_on_a_phone_and_on_a_desk(self):
        self.desk.ctl("incident", "open", "Phones down", "--match", "phone", "--message", f"We look into it.\n\n{LONG}")
        self.desk.ctl("incident", "open", HOSTILE, "--match", "fax", "--message", HOSTILE)
        self.desk.ctl("incident", "open", "Portal slow", "--match", "portal", "--message", "We look into it.")
        self.desk.ctl("incident", "resolve", 3, "--message", "It is quick again.")
        self.wait_page("It is quick again.")
        pages = {}
        for width in (500, 1280):  # Chromium has no narrower window
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    shown = self.browse(width, dark)
                    self.assert_readable(shown)
                    self.assertEqual(shown["language"], "en")
                    for words in ("2 incidents", "Phones down", "We look into it.", LONG, HOSTILE, "Portal slow"):
                        self.assertIn(words, shown["text"])
                    pages[dark] = shown["page"]
        self.assertGreater(sum(pages[False]), 3 * 200)
        self.assertLess(sum(pages[True]), 3 * 60)

    def test_nothing_is_wrong(self):
        self.wait_page("No incidents")
        shown = self.browse(500, False)
        self.assert_readable(shown)
        self.assertIn("No incidents", shown["text"])


if __name__ == "__main__":
    require_desk()
    require_programs("chromium")
    case.main()
