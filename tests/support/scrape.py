"""Reads /metrics and /health as a monitoring system does."""
import re
import urllib.error
import urllib.request

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')


class Page:
    """A page of the Prometheus text format: `page["ticketd_tickets", {"status": "new"}]`, `page.types`, `page.names`."""

    def __init__(self, text: str):
        self.text, self.types, self.helps, self.samples = text, {}, {}, {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, self.helps[name] = line[7:].split(" ", 1)[0], line[7:].split(" ", 1)[1]
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                self.types[name] = kind
            else:
                self.add(line)

    def add(self, line: str) -> None:
        found = SAMPLE.fullmatch(line)
        if not found:
            raise ValueError(f"not a line of the text format: {line!r}")
        labels = LABEL.findall(found[2] or "")
        if sum(len(name) + len(value) + 3 for name, value in labels) + max(0, len(labels) - 1) != len(found[2] or ""):
            raise ValueError(f"labels that can't be read: {line!r}")
        key = (found[1], frozenset(labels))
        if key in self.samples:
            raise ValueError(f"twice on one page: {line!r}")
        self.samples[key] = float(found[3])

    def __getitem__(self, key) -> float:
        name, labels = key if isinstance(key, tuple) else (key, {})
        return self.samples[name, frozenset(labels.items())]

    def all(self, name: str) -> dict[frozenset, float]:
        return {labels: value for (found, labels), value in self.samples.items() if found == name}

    @property
    def names(self) -> set[str]:
        """What an expression may ask for: of a histogram its three series."""
        names = {name for name, kind in self.types.items() if kind != "histogram"}
        for name, kind in self.types.items():
            if kind == "histogram":
                names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        return names


def get(port: int, path: str, host: str = "127.0.0.1", method: str = "GET", seconds: float = 30, **headers) -> tuple[int, dict, str]:
    """Status, header fields, body."""
    request = urllib.request.Request(f"http://{host}:{port}{path}", method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def scrape(port: int, host: str = "127.0.0.1") -> Page:
    status, headers, text = get(port, "/metrics", host)
    if status != 200 or headers["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8":
        raise ValueError(f"{status} {headers}\n{text}")
    return Page(text)
