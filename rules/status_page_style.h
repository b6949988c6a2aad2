#pragma once

#include <string_view>

namespace ticketd {

/// The style sheet of the status page. Text and background differ by 4.5 to 1 or more in both schemes (WCAG 2.1
/// §1.4.3).
inline constexpr std::string_view kStatusPageStyle = R"(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d5dae0;
  --link: #0550ae; --good: #116329; --good-back: #e6f4ea; --bad: #9a3412; --bad-back: #fdf0e3; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171b; --card: #1d2127; --text: #e8eaed; --quiet: #a7afb8; --line: #363c44;
    --link: #8ab8ff; --good: #7fd699; --good-back: #17301f; --bad: #ffb17a; --bad-back: #3a2314; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: break-word; }
header, main, footer { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1.0625rem; line-height: 1.35; margin: 0; }
p { margin: 0 0 .5rem; }
p:last-child { margin-bottom: 0; }
a { color: var(--link); }
time, .when, footer { color: var(--quiet); font-size: .875rem; }
time { font-variant-numeric: tabular-nums; }
.state { display: flex; gap: .625rem; align-items: baseline; padding: .875rem 1rem; border: 1px solid; border-radius: .5rem;
  font-weight: 600; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 .75rem; }
article.open { border-left: .3125rem solid var(--bad); }
ol { list-style: none; margin: .75rem 0 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .625rem 0; }
li:last-child { padding-bottom: 0; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; margin-top: .5rem; padding: .25rem 0; }
footer { padding-top: 1.5rem; padding-bottom: 2rem; }
@media print { body { background: none; } article { break-inside: avoid; } }
)";

}  // namespace ticketd
