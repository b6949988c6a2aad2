"""How the demo speaks: headings, boxes around mails, commands as typed; colour on a terminal only."""
import os
import sys
import textwrap

WIDTH = 92
STYLES = {"heading": "1;36", "dim": "2", "good": "32", "command": "1;33", "strong": "1"}


class Narrator:
    def __init__(self):
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.chapter = 0

    def styled(self, text: str, style: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.coloured else text

    def line(self, text: str = "") -> None:
        print(text, flush=True)

    def heading(self, text: str) -> None:
        self.chapter += 1
        self.line()
        self.line(self.styled(f"── {self.chapter}. {text} ".ljust(WIDTH, "─"), "heading"))

    def say(self, text: str) -> None:
        for paragraph in text.strip().split("\n\n"):
            self.line(textwrap.fill(" ".join(paragraph.split()), WIDTH))

    def point(self, label: str, text: str) -> None:
        """`label` in a column of its own, the text beside it."""
        wrapped = textwrap.wrap(text, WIDTH - 18) or [""]
        self.line(f"  {self.styled(label.ljust(14), 'strong')}  {wrapped[0]}")
        for more in wrapped[1:]:
            self.line(" " * 18 + more)

    def command(self, text: str) -> None:
        self.line()
        self.line("  " + self.styled("$ " + text, "command"))

    def output(self, text: str) -> None:
        for line in text.rstrip("\n").split("\n"):
            self.line("  " + line)

    def box(self, title: str, fields: list[tuple[str, str]], text: str, most: int = 40) -> None:
        """A mail: its fields, then its text, at most so many lines of it."""
        self.line("  ┌" + f"─ {title} ".ljust(WIDTH - 4, "─"))
        for name, value in fields:
            self.framed(f"{name}: {value}", "strong")
        self.framed("")
        lines = text.strip("\n").split("\n")
        for line in lines[:most]:
            for piece in textwrap.wrap(line, WIDTH - 6) or [""]:
                self.framed(piece)
        if len(lines) > most:
            self.framed(f"… {len(lines) - most} more lines", "dim")
        self.line("  └" + "─" * (WIDTH - 4))

    def framed(self, text: str, style: str = "") -> None:
        self.line("  │ " + (self.styled(text, style) if style else text))
