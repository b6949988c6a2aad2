"""Tables in the README that a command writes anew."""
from support.case import ROOT


def write_section(command: str, lines: list[str]) -> None:
    """Between the comments `<!-- ./dev COMMAND --readme: begin -->` and `… end -->`."""
    begin, end = (f"<!-- ./dev {command} --readme: {which} -->" for which in ("begin", "end"))
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(begin)
    readme.write_text(before + "\n".join([begin, *lines, end]) + rest.split(end)[1])
