"""What g++ 12 compiles wrongly around co_await; each rule is a crash at run time without any warning.

R1  if/while/switch/do-while (co_await f())      -> auto ok = co_await f(); if (ok)
R2  a capturing lambda in a co_await expression  -> name it, std::move it in
R3  an aggregate T{...} in a co_await expression -> name it, std::move it in
R4  a braced list in a co_await expression       -> name it
R5  x ? a : b in a co_await expression           -> name it (what a branch makes, by a conversion too, is destroyed twice)
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


def kind_of_branch(branch: list[str]) -> str:
    """Of what needs no temporary: a co_await, a literal. A name may need one, by a conversion."""
    if branch[:1] == ["co_await"]:
        return "co_await"
    if len(branch) != 1:
        return "other"
    text = branch[0]
    return ("text" if text[0] == '"' else "number" if text[0].isdigit() else
            "word" if text in ("true", "false", "nullptr") else "other")


def branch_at(texts: list[str], start: int) -> list[str]:
    branch, depth = [], 0
    for word in texts[start:]:
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth < 0 or (depth == 0 and word in (",", ";", ":", "?")):
            break
        branch.append(word)
    return branch


def makes_in_a_branch(texts: list[str]) -> bool:
    """Whether the branches of a ?: are more than two literals of a kind, or two times co_await."""
    for at, text in enumerate(texts):
        if text != "?":
            continue
        first = branch_at(texts, at + 1)
        kinds = {kind_of_branch(first), kind_of_branch(branch_at(texts, at + 2 + len(first)))}
        if len(kinds) > 1 or "other" in kinds:
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
            found.append((statement.line, "R5: ?: in a co_await expression may make something in a branch; name it"))
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
