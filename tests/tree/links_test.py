"""Links in the documentation lead to files and to headings in them, in the tree and where the package installs them."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from support.case import build_folder


def anchors(page: pathlib.Path) -> set[str]:
    """What its headings are called in links."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(pages: list[pathlib.Path]) -> list[str]:
    dead = []
    for page in pages:
        for target, anchor in re.findall(r"\]\(([^)\s#]*)(?:#([^)\s]+))?[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            file = page.parent / target if target else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                dead.append(f"{page.name}: {target}" + (f"#{anchor}" if anchor else ""))
    return dead


DOCUMENTS = "/usr/share/doc/ticketd/"
TOLD_IN = ("daemon/**/*.cc", "rules/**/*.cc", "docs/**/*", "systemd/**/*", "debian/*", "README.md")


def told_documents(text: str) -> set[str]:
    """What users are told to read where the package has put it."""
    return set(re.findall(re.escape(DOCUMENTS) + r"[\w./-]*\w", text))


def pages_below(folder: pathlib.Path) -> list[pathlib.Path]:
    return [folder / "README.md", *sorted((folder / "docs").glob("*.md"))]


class LinksTest(unittest.TestCase):
    def test_in_the_tree(self):
        self.assertEqual(dead_links(pages_below(ROOT)), [])

    def test_as_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["cmake", "--install", build_folder(), "--prefix", f"{folder}/usr"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            installed = pathlib.Path(folder) / "usr/share/doc/ticketd"
            self.assertEqual(dead_links(pages_below(installed)), [])
            told = {each for pattern in TOLD_IN for file in sorted(ROOT.glob(pattern)) if file.is_file()
                    for each in told_documents(file.read_text(encoding="utf-8", errors="replace"))}
            self.assertIn(DOCUMENTS + "docs/login.md", told)
            told.discard(DOCUMENTS + "README.Debian")  # debhelper puts it there
            self.assertEqual([each for each in sorted(told) if not (installed / each.removeprefix(DOCUMENTS)).exists()], [])
            self.assertIn("examples/minimal.toml", (installed / "README.md").read_text(encoding="utf-8"))

    def test_a_dead_link_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("## One part, two\n[here](page.md#one-part-two), [there](gone.md), [below](#no-such), "
                            "[out](https://example.com/x#y)\n")
            self.assertEqual(dead_links([page]), ["page.md: gone.md", "page.md: #no-such"])


if __name__ == "__main__":
    unittest.main()
