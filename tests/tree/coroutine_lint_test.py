"""The coroutine rules hold in the tree, and the lint finds what it is there to find."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lint"))
import coroutine_lint

BAD = {
    "if": ("R1", "awaitable<void> f() { if (co_await g()) h(); }"),
    "else if": ("R1", "awaitable<void> f() { if (a) { h(); } else if (!co_await g()) { i(); } }"),
    "while": ("R1", "awaitable<void> f() {\n while (co_await g()) { h(); } }"),
    "do while": ("R1", "awaitable<void> f() { do { h(); } while (co_await g()); }"),
    "switch": ("R1", "awaitable<void> f() { switch (co_await g()) { case 1: h(); } }"),
    "if with a declaration": ("R1", "awaitable<void> f() { if (auto x = co_await g(); x) h(); }"),
    "for condition": ("R1", "awaitable<void> f() { for (int i = 0; co_await g(i); ++i) h(); }"),
    "co_spawn awaited": ("R2", "awaitable<void> f() { co_await co_spawn(io, [p]() -> awaitable<void> { co_return; }, t); }"),
    "by reference": ("R2", "awaitable<void> f() { auto x = co_await run([&] { return 1; }); }"),
    "called lambda": ("R2", "awaitable<void> f() { co_await [p]() -> awaitable<int> { co_return 1; }(); }"),
    "async_initiate": ("R2", "awaitable<void> f() { co_await async_initiate<T, void()>([this](auto h) { h(); }, token); }"),
    "nested coroutine": ("R2", "auto l = [this]() -> awaitable<void> { co_await run([x = 1] { return x; }); };"),
    "aggregate": ("R3", "awaitable<void> f() { co_await g(Options{true, 2}); }"),
    "empty aggregate": ("R3", "awaitable<void> f() { co_return co_await g(Options{}); }"),
    "template aggregate": ("R3", "awaitable<void> f() { co_await g(std::vector<int>{1}); }"),
    "awaited in a list": ("R3", "awaitable<void> f() { std::vector<int> v{co_await a(), 2}; }"),
    "call in a branch": ("R5", "awaitable<void> f() { co_await g(b ? make() : s); }"),
    "call in the other branch": ("R5", "awaitable<void> f() { co_await h(b ? s : std::string(5, 'x')); }"),
    "sum in a branch": ("R5", "awaitable<void> f() { const auto tag = co_await send(at_once ? a + b : a); }"),
    "conversion in a branch": ("R5", 'awaitable<void> f() { co_await g(b ? name : "literal"); }'),
    "two names": ("R5", "awaitable<void> f() { co_await g(b ? one : another); }"),
    "bare list": ("R4", 'awaitable<void> f() { co_await g({"a", "b"}); }'),
    "list in a later argument": ("R4", "awaitable<void> f() { h(co_await g(), {1, 2}); }"),
}

GOOD = {
    "named": "awaitable<void> f() { auto ok = co_await g(); if (ok) h(); }",
    "named lambda": "awaitable<void> f() { auto job = [this](Desk& d) { return d.x(); }; co_await run(std::move(job)); }",
    "detached": "void f() { co_spawn(io, [this]() -> awaitable<void> { co_await g(); }, detached); }",
    "no capture": "awaitable<void> f() { co_await g([](int x) { return x; }); }",
    "structured binding": "awaitable<void> f() { auto [a, b] = co_await g(); const auto& [c, d] = co_await h(); }",
    "index": "awaitable<void> f() { co_await g(v[0], m[\"x\"], f()[1]); }",
    "comment and string": 'awaitable<void> f() { /* if (co_await g()) */ h("if (co_await g({1}))"); } // co_await {',
    "raw string": 'awaitable<void> f() { co_await g(R"X(if (co_await {"a"}) )X"); }',
    "aggregate beside": "awaitable<void> f() { Options o{1, 2}; co_await g(std::move(o)); return h(P{1}); }",
    "statement in a loop": "awaitable<void> f() { for (;;) { co_await g(); } while (x) co_await h(); }",
    "range for": "awaitable<void> f() { auto all = co_await g(); for (auto& one : all) { use(one); } }",
    "digit separators": "awaitable<void> f() { int n = 1'000'000; if (n) co_await g(n); char c = '{'; }",
    "attribute": "[[nodiscard]] awaitable<int> f() { co_return co_await g(); }",
    "plain branches": 'awaitable<void> f() { co_await move(is_one ? "MOVE" : "COPY"); int d = x ? e + f : g; }',
    "plain numbers": "awaitable<void> f() { co_await wait(is_long ? 20 : 3); }",
    "ternary": "awaitable<int> f() { co_return x ? co_await a() : co_await b(); }",
}


class CoroutineLintTest(unittest.TestCase):
    def test_bad_snippets_are_found(self):
        for name, (rule, source) in BAD.items():
            with self.subTest(name):
                self.assertIn(rule, [text[:2] for _, text in coroutine_lint.problems_in(source)])

    def test_good_snippets_pass(self):
        for name, source in GOOD.items():
            with self.subTest(name):
                self.assertEqual(coroutine_lint.problems_in(source), [])

    def test_line_is_named(self):
        self.assertEqual(coroutine_lint.problems_in("\n\nawaitable<void> f() {\n  if (co_await g()) h();\n}\n")[0][0], 4)

    def test_tree(self):
        self.assertEqual(coroutine_lint.check_tree(), [])


if __name__ == "__main__":
    unittest.main()
