"""Statements and braces of C++ sources: which `{` opens a block, a lambda's body or a braced list."""
from dataclasses import dataclass, field

from cpp_tokens import Token, tokens

OPENERS = {"(": ")", "[": "]", "{": "}", "[[": "]"}
BLOCK_WORDS = {"struct", "class", "union", "enum", "namespace", "extern", "concept", "requires"}
BEFORE_BLOCK = {")", "else", "do", "try", "const", "noexcept", "override", "final", "mutable", ";", "{", "}", ":", ""}
CONTROL = {"if", "while", "switch", "for", "catch"}


@dataclass
class Lambda:
    line: int
    captures: bool


@dataclass
class Statement:
    """One full expression or declaration; lambda bodies inside it are statements of their own."""

    line: int = 0
    words: list[Token] = field(default_factory=list)
    lambdas: list[Lambda] = field(default_factory=list)
    braces: list[int] = field(default_factory=list)  # lines of braced lists

    @property
    def first(self) -> str:
        return self.words[0].text if self.words else ""

    @property
    def awaits(self) -> bool:
        return any(token.text == "co_await" for token in self.words)


@dataclass
class Block:
    """What stands before a `{`, and the lines from there to its `}`."""

    header: Statement
    first_line: int
    last_line: int
    is_lambda: bool


class Scanner:
    """Walks the tokens once; `statements` and `blocks` are what it found."""

    def __init__(self, source: str):
        self.tokens = tokens(source)
        self.position = 0
        self.statements: list[Statement] = []
        self.blocks: list[Block] = []
        self.block()

    def peek(self, ahead: int = 0) -> str:
        index = self.position + ahead
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def take(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def block(self) -> int:
        """Statements up to the matching `}` (or the end); gives its line."""
        statement = Statement()
        depth = 0
        while self.position < len(self.tokens):
            token = self.take()
            if token.text == "}":
                self.end(statement)
                return token.line
            if token.text == "{" and depth == 0 and self.opens_block(statement):
                self.end(statement)
                first = statement.line or token.line
                self.blocks.append(Block(statement, first, self.block(), False))
                statement = Statement()
                continue
            depth = self.step(statement, token, depth)
            if token.text == ";" and depth == 0:
                self.end(statement)
                statement = Statement()
        self.end(statement)
        return self.tokens[-1].line if self.tokens else 0

    def step(self, statement: Statement, token: Token, depth: int) -> int:
        """Adds one token of an expression, with all that its braces or its lambda hold."""
        previous = statement.words[-1].text if statement.words else ""
        statement.line = statement.line or token.line
        if token.text == "[" and self.introduces_lambda(previous):
            self.lambda_expression(statement, token)
            return depth
        statement.words.append(token)
        if token.text == "{":
            statement.braces.append(token.line)
            self.braced_list(statement)
        elif token.text in "([" or token.text == "[[":
            return depth + 1 + (token.text == "[[")
        elif token.text in ")]":
            return depth - 1
        return depth

    def braced_list(self, statement: Statement) -> None:
        depth = 0
        while self.position < len(self.tokens):
            token = self.take()
            if token.text == "}":
                statement.words.append(token)
                return
            depth = self.step(statement, token, depth)

    def introduces_lambda(self, previous: str) -> bool:
        word = previous.replace("_", "a").isalnum() and previous not in ("return", "co_return", "co_await", "co_yield")
        if previous == "auto" or word or previous in (")", "]", '""') or previous in ("&", "&&") and self.is_binding():
            return False
        return True

    def is_binding(self) -> bool:
        """`auto& [a, b]`: the tokens before the `[` are `auto &`."""
        return self.peek(-3) == "auto"

    def lambda_expression(self, statement: Statement, token: Token) -> None:
        captures = self.peek() != "]"
        statement.lambdas.append(Lambda(token.line, captures))
        self.skip_until_closed("]")
        header = Statement(token.line)
        while self.position < len(self.tokens) and self.peek() != "{":
            following = self.take()
            if following.text in OPENERS:
                self.skip_until_closed(OPENERS[following.text])
        if self.position < len(self.tokens):
            self.take()
            self.blocks.append(Block(header, token.line, self.block(), True))
        statement.words.append(Token("lambda", token.line))

    def skip_until_closed(self, closer: str) -> None:
        while self.position < len(self.tokens):
            text = self.take().text
            if text == closer:
                return
            if text in OPENERS:
                self.skip_until_closed(OPENERS[text])

    def opens_block(self, statement: Statement) -> bool:
        texts = [token.text for token in statement.words]
        last = texts[-1] if texts else ""
        if last in BEFORE_BLOCK or BLOCK_WORDS & set(texts) and "=" not in texts:
            return not (last == "}" and statement.awaits)
        expression = {"=", "return", "co_return", "co_await"} & set(texts)
        return "->" in texts and not expression

    def end(self, statement: Statement) -> None:
        if statement.words:
            self.statements.append(statement)


def functions(source: str) -> list[Block]:
    """The bodies of functions: blocks whose header has a parameter list and is no control statement or type."""
    found = []
    for block in Scanner(source).blocks:
        texts = [token.text for token in block.header.words]
        named = bool(texts) and texts[0] not in CONTROL | {"namespace", "else", "do", "try"}
        typed = BLOCK_WORDS & set(texts[:2]) - {"requires"}
        if not block.is_lambda and named and not typed and "(" in texts and "case" not in texts:
            found.append(block)
    return found
