#include "daemon/metrics/exposition.h"

#include <array>
#include <catch2/catch.hpp>
#include <limits>

namespace ticketd {
namespace {

constexpr MetricFamily kMails{"mails", MetricType::counter, "mailbox", "Mails that came."};

TEST_CASE("A family has HELP, TYPE and its samples", "[metrics]") {
  Exposition page;
  page.family(kMails);
  page.sample({{"mailbox", "support"}, {"outcome", "staff"}}, std::uint64_t{18446744073709551615U});
  page.sample({}, 0.25);
  CHECK(page.text() ==
        "# HELP mails Mails that came.\n# TYPE mails counter\n"
        "mails{mailbox=\"support\",outcome=\"staff\"} 18446744073709551615\nmails 0.25\n");
}

TEST_CASE("Values of labels are escaped", "[metrics]") {
  struct Row {
    const char* name;
    std::string value;
    std::string written;
  };
  const Row rows[] = {{"plain", "support", "support"},          {"not ASCII", "Büro", "Büro"},
                      {"quote", "a\"} 1", "a\\\"} 1"},          {"backslash", "a\\n", "a\\\\n"},
                      {"line feed", "a\nevil 1", "a\\nevil 1"}, {"carriage return", "a\rb", "a\uFFFDb"},
                      {"no UTF-8", "a\xff", "a\uFFFD"},         {"NUL", std::string("a\0b", 3), "a\uFFFDb"}};
  for (const Row& row : rows) {
    INFO(row.name);
    Exposition page;
    page.sample({{"l", row.value}}, std::uint64_t{1});
    CHECK(page.text() == "{l=\"" + row.written + "\"} 1\n");
  }
}

TEST_CASE("Numbers are written as the format has them", "[metrics]") {
  struct Row {
    double value;
    const char* written;
  };
  constexpr auto kInfinity = std::numeric_limits<double>::infinity();
  const Row rows[] = {{0, "0"},
                      {1.5, "1.5"},
                      {1795514400.25, "1795514400.25"},
                      {kInfinity, "+Inf"},
                      {-kInfinity, "-Inf"},
                      {std::numeric_limits<double>::quiet_NaN(), "NaN"}};
  for (const Row& row : rows) {
    INFO(row.written);
    Exposition page;
    page.sample({}, row.value);
    CHECK(page.text() == std::string(" ") + row.written + "\n");
  }
}

TEST_CASE("A histogram has its buckets, the sum and the count", "[metrics]") {
  Exposition page;
  page.family({"lag", MetricType::histogram, "mailbox", "Lag."});
  const std::array<std::pair<double, std::uint64_t>, 2> buckets{{{1, 2}, {2.5, 3}}};
  page.histogram({"mailbox", "a"}, buckets, 4, 12.5);
  CHECK(page.text() ==
        "# HELP lag Lag.\n# TYPE lag histogram\nlag_bucket{mailbox=\"a\",le=\"1\"} 2\n"
        "lag_bucket{mailbox=\"a\",le=\"2.5\"} 3\nlag_bucket{mailbox=\"a\",le=\"+Inf\"} 4\nlag_sum{mailbox=\"a\"} 12.5\n"
        "lag_count{mailbox=\"a\"} 4\n");
}

}  // namespace
}  // namespace ticketd
