#include "rules/status_page.h"
#include "rules/time_words.h"

#include <boost/json/src.hpp>
#include <catch2/catch.hpp>

#include "tests/rules/calendar_desk.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

Ruleset status_desk() {
  auto rules = desk("America/New_York", {});
  rules.support.name = "Example Support";
  return rules;
}

Time noon() { return utc("2026-11-24 17:00"); }

std::vector<PublicIncident> sample_incidents() {
  return {
      {3,
       "Fax sending fails for some numbers",
       utc("2026-10-30 18:00"),
       utc("2026-11-01 07:05"),
       {{utc("2026-10-30 18:00"), "Faxes to some numbers are not sent."},
        {utc("2026-11-01 07:05"), "Resolved: the carrier has repaired its gateway."}}},
      {4, "Portal slow", utc("2026-11-20 15:00"), utc("2026-11-20 15:00:20"), {}},
      {5,
       "Inbound calls fail in the north-east",
       utc("2026-11-24 14:10"),
       std::nullopt,
       {{utc("2026-11-24 14:10"), "Calls to numbers in the north-east get a busy tone.\n\nCalls out are not affected."},
        {utc("2026-11-24 15:30"),
         "The carrier has found a broken fibre and expects to have mended it by 14:00.\nWhat they say about it: "
         "https://status.carrier.example/incidents/77?a=1&b=2."}}},
      {6,
       "No presence in the portal",
       utc("2026-11-24 16:40"),
       std::nullopt,
       {{utc("2026-11-24 16:40"), "The portal shows no presence. Calls work."}}},
  };
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("A title and a message from anywhere can't become markup") {
  struct Case {
    const char* name;
    const char* text;
    const char* html;
    const char* json;
  };
  const std::vector<Case> cases{
      {"a script", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
       R"(\u003cscript>alert(1)\u003c/script>)"},
      {"quotes", R"("a" onclick='b')", "&quot;a&quot; onclick=&#39;b&#39;", R"(\"a\" onclick='b')"},
      {"an entity", "&lt;b&gt; &amp;", "&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"},
      {"a backslash", R"(C:\temp\u0041)", R"(C:\temp\u0041)", R"(C:\\temp\\u0041)"},
      {"control characters",
       "a\x1b[31mb\x07"
       "c",
       "a\uFFFD[31mb\uFFFDc", "a\uFFFD[31mb\uFFFDc"},
      {"C1 control characters", "a\u009bb", "a\uFFFDb", "a\uFFFDb"},
      {"bidirectional overrides", "abc\u202Efed\u2066x", "abc\uFFFDfed\uFFFDx", "abc\uFFFDfed\uFFFDx"},
      {"a line separator", "a\u2028b", "a\uFFFDb", "a\uFFFDb"},
      {"no UTF-8", "a\xff\xc3", "a\uFFFD\uFFFD", "a\uFFFD\uFFFD"},
      {"the end of a comment and of a style", "--></style>", "--&gt;&lt;/style&gt;", R"(-->\u003c/style>)"},
      {"a placeholder of the formatter", "{} {0} {title}", "{} {0} {title}", "{} {0} {title}"},
      {"an address that is a script", "javascript:alert(1)", "javascript:alert(1)", "javascript:alert(1)"},
      {"other scripts", "שלום Ärger 你好", "שלום Ärger 你好", "שלום Ärger 你好"},
  };
  auto rules = status_desk();
  for (const auto& example : cases) {
    INFO(example.name);
    rules.support.name = example.text;
    const std::vector<PublicIncident> incidents{{1, example.text, noon(), std::nullopt, {{noon(), example.text}}},
                                                {2, example.text, noon(), noon(), {{noon(), example.text}}}};
    const auto html = status_page(incidents, rules, noon());
    const std::string text = example.html;
    CHECK(holds(html, "<title>" + text + ": service status</title>"));
    CHECK(holds(html, "<h1>" + text + ": service status</h1>"));
    CHECK(holds(html, "<h3 id=\"incident-1\" dir=\"auto\">" + text + "</h3>"));
    CHECK(holds(html, "<h3 id=\"incident-2\" dir=\"auto\">" + text + "</h3>"));
    CHECK(holds(html, "<p>" + text + "</p>"));
    CHECK_FALSE(holds(html, "<script"));
    CHECK_FALSE(holds(html, "javascript:alert(1)\""));
    const auto json = status_document(incidents, rules, noon());
    const std::string quoted = std::string("\"") + example.json + "\"";
    CHECK(holds(json, R"("name":)" + quoted));
    CHECK(holds(json, R"("title":)" + quoted));
    CHECK(holds(json, R"("message":)" + quoted));
    boost::json::error_code error;
    boost::json::parse(json, error);
    CHECK_FALSE(error);
  }
}

TEST_CASE("A title is one line, a message keeps its lines") {
  const std::vector<PublicIncident> incidents{{1, "one\ntwo\r", noon(), std::nullopt, {{noon(), "one\ntwo\n\nthree"}}}};
  const auto html = status_page(incidents, status_desk(), noon());
  CHECK(holds(html, ">one\uFFFDtwo\uFFFD</h3>"));
  CHECK(holds(html, "<p>one<br>\ntwo</p>\n<p>three</p>"));
  const auto json = boost::json::parse(status_document(incidents, status_desk(), noon()));
  CHECK(json.at("open").at(0).at("message") == "one\ntwo\n\nthree");
}

TEST_CASE("Nothing to load and nothing to run") {
  const auto html = status_page(sample_incidents(), status_desk(), noon());
  for (const auto* part :
       {"<script", " src=", "@import", "url(", "http-equiv=\"refresh\"", "<form", "<iframe", "javascript:"})
    CHECK_FALSE(holds(html, part));
  std::vector<std::string> targets;
  for (auto at = html.find("href=\""); at != std::string::npos; at = html.find("href=\"", at + 1))
    targets.push_back(html.substr(at + 6, html.find('"', at + 6) - at - 6));
  CHECK(targets == std::vector<std::string>{"data:,", "status.json",
                                            "https://status.carrier.example/incidents/77?a=1&amp;b=2", "status.json"});
}

TEST_CASE("Which incidents are shown") {
  struct Case {
    const char* name;
    const char* opened;
    const char* resolved;
    std::size_t open, past;
  };
  const std::vector<Case> cases{
      {"open", "2026-11-24 16:00", "", 1, 0},
      {"open for a year", "2025-11-24 16:00", "", 1, 0},
      {"resolved just now", "2026-11-24 16:00", "2026-11-24 17:00", 0, 1},
      {"resolved 90 days ago", "2026-08-01 00:00", "2026-08-26 17:00", 0, 1},
      {"resolved a second earlier", "2026-08-01 00:00", "2026-08-26 16:59:59", 0, 0},
      {"resolved in the future, by a clock set back since", "2026-11-24 16:00", "2026-11-24 18:00", 0, 1},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    PublicIncident incident{7, "It", utc(example.opened), std::nullopt, {}};
    if (*example.resolved) incident.resolved_at = utc(example.resolved);
    const std::vector incidents{incident};
    const auto json = boost::json::parse(status_document(incidents, status_desk(), noon()));
    CHECK(json.at("open").as_array().size() == example.open);
    CHECK(json.at("past").as_array().size() == example.past);
    CHECK(json.at("status") == (example.open != 0 ? "incident" : "ok"));
    const auto html = status_page(incidents, status_desk(), noon());
    CHECK(holds(html, "class=\"open\"") == (example.open != 0));
    CHECK(holds(html, "No incidents</p>") == (example.open == 0));
    CHECK(holds(html, "No incidents were resolved in the last 90 days.") == (example.past == 0));
  }
}

TEST_CASE("The latest incident comes first, in both lists") {
  auto incidents = sample_incidents();
  std::ranges::reverse(incidents);
  const auto json = boost::json::parse(status_document(incidents, status_desk(), noon()));
  CHECK(json.at("open").at(0).at("number") == 6);
  CHECK(json.at("open").at(1).at("number") == 5);
  CHECK(json.at("past").at(0).at("number") == 4);
  CHECK(json.at("past").at(1).at("number") == 3);
  CHECK(status_page(incidents, status_desk(), noon()) == status_page(sample_incidents(), status_desk(), noon()));
}

TEST_CASE("A time in full") {
  CHECK(full_local_time(utc("2026-03-01 04:59"), status_desk()) == "Saturday, 28 February 2026, 23:59");
  CHECK(full_local_time(utc("2027-07-04 13:05:59"), status_desk()) == "Sunday, 4 July 2027, 09:05");
}

}  // namespace

TEST_CASE("The status page, whole") {
  SECTION("incidents") {
    check_golden("status.html", status_page(sample_incidents(), status_desk(), noon()));
    check_golden("status.json", status_document(sample_incidents(), status_desk(), noon()));
  }
  SECTION("no incidents") {
    check_golden("status_empty.html", status_page({}, status_desk(), noon()));
    check_golden("status_empty.json", status_document({}, status_desk(), noon()));
  }
}

}  // namespace ticketd
