"""What g++ 12 compiles wrongly around co_await; each rule is a crash at run time without any warning.

R1  if/while/switch/do-while (co_await f())      -> auto ok = co_await f(); if (ok)
R2  a capturing lambda in a co_await expression  -> name it, std::move it in
R3  an aggregate T{...} in a co_await expression -> name it, std::move it in
R4  a braced list in a co_await expression       -> name it
R5  x ? make() : c in a co_await expression      -> name it (what a branch makes is destroyed twice)
"""
import sys

from cpp_blocks import Scanner, Statement
from cpp_tokens import ROOT, report, sources


def condition(statement: Statement) -> list[str]:
    """The words in the parentheses of an if, while or switch; of a for, only its condition."""
    texts = [token.text for token in statement.words]
    while texts and texts[0] in ("else", "do", "}"):
        texts = texts[1:]
    if not texts or texts[0] not in ("if", "while", "switch", "for") or "(" not in texts:
        return []
    depth, inside = 0, []
    for text in texts[texts.index("("):]:
        depth += (text == "(") - (text == ")")
        inside.append(text)
        if depth == 0:
            break
    if texts[0] == "for":
        parts = " ".join(inside).split(";")
        return parts[1].split() if len(parts) == 3 else []
    return inside


def is_type_list(statement: Statement, line: int) -> bool:
    """Whether the braced list on `line` follows a name: T{...} rather than a bare {...}."""
    words = statement.words
    for before, token in zip(words, words[1:]):
        if token.text == "{" and token.line == line:
            return before.text.isidentifier() or before.text == ">"
    return False


def makes_in_a_branch(texts: list[str]) -> bool:
    """Whether a branch of ?: is more than a name, a literal or a co_await."""
    for at, text in enumerate(texts):
        if text not in ("?", ":") or "?" not in texts[:at + 1]:
            continue
        branch, depth = [], 0
        for word in texts[at + 1:]:
            depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
            if depth < 0 or (depth == 0 and word in (",", ";", ":", "?")):
                break
            branch.append(word)
        if branch and branch[0] != "co_await" and any(word in ("(", "+", "{") for word in branch):
            return True
    return False


def problems_in(source: str) -> list[tuple[int, str]]:
    found = []
    for statement in Scanner(source).statements:
        if not statement.awaits:
            continue
        if "co_await" in condition(statement):
            found.append((statement.line, "R1: co_await in a condition; give its result a name first"))
        if makes_in_a_branch([token.text for token in statement.words]):
            found.append((statement.line, "R5: a branch of ?: in a co_await expression makes something; name it"))
        for one in statement.lambdas:
            if one.captures:
                found.append((one.line, "R2: capturing lambda in a co_await expression; name it and std::move it"))
        for line in statement.braces:
            if is_type_list(statement, line):
                found.append((line, "R3: T{...} in a co_await expression; name it and std::move it"))
            else:
                found.append((line, "R4: braced list in a co_await expression; name it"))
    return sorted(set(found))


def check_tree() -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}: {text}"
            for path in sources() for line, text in problems_in(path.read_text())]


if __name__ == "__main__":
    sys.exit(report(check_tree()))
