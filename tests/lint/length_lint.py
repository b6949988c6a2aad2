"""No file over 400 lines, no function over 60."""
import ast
import statistics
import sys

from cpp_blocks import functions
from cpp_tokens import ROOT, report, sources

FILE_LINES = 400
FUNCTION_LINES = 60


def python_functions(source: str) -> list[tuple[int, int]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]


def cpp_functions(source: str) -> list[tuple[int, int]]:
    return [(block.first_line, block.last_line - block.first_line + 1) for block in functions(source)]


def all_files():
    tests = [path for pattern in ("*.h", "*.cc", "*.py") for path in (ROOT / "tests").rglob(pattern)]
    return sources() + sorted(tests) + [ROOT / "dev"]


def check_tree() -> tuple[list[str], list[int]]:
    problems, lengths = [], []
    for path in all_files():
        source = path.read_text()
        name = path.relative_to(ROOT)
        if source.count("\n") > FILE_LINES:
            problems.append(f"{name}: {source.count(chr(10))} lines; at most {FILE_LINES}")
        if path.suffix not in (".cc", ".h", ".py"):
            continue
        for line, length in (python_functions if path.suffix == ".py" else cpp_functions)(source):
            lengths.append(length)
            if length > FUNCTION_LINES:
                problems.append(f"{name}:{line}: a function of {length} lines; at most {FUNCTION_LINES}")
    return problems, lengths


if __name__ == "__main__":
    found, every_length = check_tree()
    deciles = statistics.quantiles(every_length, n=10)
    print(f"{len(every_length)} functions: median {statistics.median(every_length):.0f} lines, p90 {deciles[8]:.0f}, "
          f"longest {max(every_length)}")
    sys.exit(report(found))
