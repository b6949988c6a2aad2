// corpus DIR: holds the parsers against a folder of real mails with expectations (tests/README.md, "Corpora").
#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <boost/json/src.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/date.h"
#include "parsers/email.h"
#include "parsers/encoded_words.h"
#include "parsers/header_block.h"
#include "parsers/message_ids.h"
#include "parsers/parameters.h"
#include "tests/tools/corpus_bounces.h"
#include "tests/tools/corpus_replies.h"
#include "tests/tools/corpus_tnef.h"

namespace ticketd {
namespace {

namespace json = boost::json;
using std::filesystem::path;

constexpr char32_t kWildcard = 0xFFFD;

std::string read_file(const path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// How often each kind of value was read as expected.
class Score {
 public:
  void judge(const std::string& field, const std::string& where, const std::string& expected, const std::string& got,
             bool same) {
    Row& row = rows_[field];
    ++row.total;
    if (same) ++row.right;
    if (!same) fmt::print("{} {}\n  expected {}\n  got      {}\n", where, field, shown(expected), shown(got));
  }

  void print() const {
    fmt::print("\n{:<28} {:>6} {:>6} {:>7}\n", "field", "right", "of", "%");
    for (const auto& [field, row] : rows_)
      fmt::print("{:<28} {:>6} {:>6} {:>7.1f}\n", field, row.right, row.total, 100.0 * row.right / row.total);
  }

 private:
  struct Row {
    int right = 0;
    int total = 0;
  };

  static std::string shown(const std::string& value) {
    constexpr std::size_t enough = 160;
    return '"' + one_line(utf8_prefix(value, enough)) + '"';
  }

  std::map<std::string, Row> rows_;
};

/// The code points that count: for texts letters and digits, for lines all but white space.
std::u32string essence(const std::string& text, bool letters_only) {
  std::u32string result;
  const auto unicode = icu::UnicodeString::fromUTF8(text);
  for (std::int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
    const UChar32 c = unicode.char32At(i);
    const bool keep = letters_only ? u_isalnum(c) || c == static_cast<UChar32>(kWildcard) : !u_isUWhiteSpace(c);
    if (keep) result += static_cast<char32_t>(c);
  }
  return result;
}

/// U+FFFD in the expectation stands for any one or two characters: its origin did not guess charsets.
bool matches(const std::u32string& expected, const std::u32string& got, bool whole) {
  std::size_t g = 0;
  for (std::size_t e = 0; e < expected.size(); ++e) {
    if (expected[e] != kWildcard) {
      if (g >= got.size() || got[g++] != expected[e]) return false;
      continue;
    }
    const char32_t next = e + 1 < expected.size() ? expected[e + 1] : 0;
    for (int skipped = 0; skipped < 2 && g < got.size() && (got[g] != next || next == kWildcard); ++skipped) {
      ++g;
      if (next == kWildcard) break;
    }
  }
  return !whole || g == got.size();
}

bool same_line(const std::string& expected, const std::string& got) {
  return matches(essence(expected, false), essence(got, false), true);
}

bool same_start(const std::string& expected, const std::string& got) {
  const auto wanted = essence(expected, true);
  return matches(wanted, essence(got, true), wanted.empty());
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : std::string();
}

/// Names as the parsers give them: without folder and counter, those that they invent left out.
std::string plain_name(std::string name) {
  name.erase(0, name.find_last_of("/\\") + 1);
  const auto counter = name.rfind(" (");
  if (counter != std::string::npos && name.find(')', counter) == counter + 3) name.erase(counter, 4);
  return name;
}

bool is_invented(const std::string& name) {
  static const std::vector<std::string> starts{"image.", "document.", "message.eml", "file", "invitation.ics"};
  return std::any_of(starts.begin(), starts.end(), [&](const std::string& s) { return name.starts_with(s); }) ||
         name.ends_with(".eml");
}

bool same_names(std::vector<std::string> expected, std::vector<std::string> got) {
  for (const std::string& name : expected) {
    const auto found = std::find_if(got.begin(), got.end(), [&](const std::string& g) { return same_line(name, g); });
    if (found == got.end()) return false;
    got.erase(found);
  }
  return std::all_of(got.begin(), got.end(), is_invented);
}

std::string joined(const std::vector<std::string>& values) { return fmt::format("{}", fmt::join(values, ", ")); }

std::vector<std::string> strings_of(const json::value& value) {
  std::vector<std::string> result;
  if (value.is_string() && !value.as_string().empty()) result.push_back(text_of(value));
  if (value.is_array())
    for (const auto& item : value.as_array()) result.push_back(text_of(item));
  return result;
}

/// One mail and what its line of expected.jsonl says of it.
class MailJudge {
 public:
  MailJudge(Score& score, std::string folder, const json::object& expected, const Email& email)
      : score_(score), folder_(std::move(folder)), expected_(expected), email_(email) {}

  void judge() {
    const Mailbox from = email_.from.value_or(Mailbox{});
    line("from_addr", to_lower(from.addr_spec), true);
    line("from_name", from.display_name);
    line("subject", email_.subject);
    line("message_id", email_.message_id);
    ids("in_reply_to", email_.in_reply_to);
    ids("references", email_.references);
    if (const auto* start = value("text_start"))
      give("text_start", text_of(*start), email_.text, same_start(text_of(*start), email_.text));
    attachments();
  }

 private:
  /// The expectation of that field; nullptr when the origin states none.
  const json::value* value(const char* field) const {
    const auto* found = expected_.if_contains(field);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  void give(const std::string& field, const std::string& expected, const std::string& got, bool same) {
    score_.judge(folder_ + " " + field, folder_ + "/" + text_of(expected_.at("path")), expected, got, same);
  }
  void line(const char* field, const std::string& got, bool lower = false) {
    const auto* wanted = value(field);
    if (wanted == nullptr) return;
    const std::string expected = lower ? to_lower(text_of(*wanted)) : text_of(*wanted);
    give(field, expected, got, same_line(expected, got));
  }
  void ids(const char* field, const std::vector<std::string>& got) {
    const auto* wanted = value(field);
    if (wanted != nullptr)
      give(field, joined(strings_of(*wanted)), joined(got), same_line(joined(strings_of(*wanted)), joined(got)));
  }
  void attachments() {
    const auto* wanted = value("attachments");
    if (wanted == nullptr) return;
    std::vector<std::string> expected;
    std::vector<std::string> got;
    for (const auto& a : wanted->as_array())
      if (!text_of(a.at("name")).empty()) expected.push_back(plain_name(text_of(a.at("name"))));
    for (const auto& a : email_.attachments) got.push_back(plain_name(a.name));
    give("attachments", joined(expected), joined(got), same_names(expected, got));
  }

  Score& score_;
  std::string folder_;
  const json::object& expected_;
  const Email& email_;
};

void judge_mails(Score& score, const path& folder) {
  std::ifstream lines(folder / "expected.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const json::value expected = json::parse(line);
    const std::string octets = read_file(folder / "raw" / text_of(expected.at("path")));
    const auto parsed = parse_email(octets);
    const Email* email = std::get_if<Email>(&parsed);
    MailJudge(score, folder.filename().string(), expected.as_object(), email != nullptr ? *email : Email{}).judge();
  }
}

/// The value as the header layer hands it on: unfolded, up to the end of its field.
std::string unfolded(const std::string& raw) {
  const std::string octets = "X:" + raw;
  const auto block = read_header_block(octets, 0, false, false, {}, [](std::string_view) { return false; });
  return block.fields.empty() ? std::string() : block.fields.front().value;
}

void add_mailboxes(const json::value& list, std::string& out) {
  for (const auto& mailbox : list.as_array())
    out += fmt::format("{} <{}>, ", text_of(mailbox.at("name")), to_lower(text_of(mailbox.at("address"))));
}

std::string expected_mailboxes(const json::value& expected) {
  std::string out;
  if (const auto* list = expected.as_object().if_contains("List")) add_mailboxes(*list, out);
  if (const auto* groups = expected.as_object().if_contains("Group"))
    for (const auto& group : groups->as_array()) add_mailboxes(group.at("addresses"), out);
  return out;
}

std::string read_mailboxes(const std::string& value) {
  std::string out;
  for (const Mailbox& mailbox : parse_addresses(value, 500))
    out += fmt::format("{} <{}>, ", mailbox.display_name, to_lower(mailbox.addr_spec));
  return out;
}

int number_of(const json::value& date, const char* part) { return static_cast<int>(date.at(part).as_int64()); }

std::string expected_date(const json::value& d) {
  if (d.is_null()) return {};
  using namespace std::chrono;
  const auto day = sys_days(year(number_of(d, "year")) / number_of(d, "month") / number_of(d, "day"));
  const auto zone = hours(number_of(d, "tz_hour")) + minutes(number_of(d, "tz_minute"));
  const auto local =
      day + hours(number_of(d, "hour")) + minutes(number_of(d, "minute")) + seconds(number_of(d, "second"));
  return fmt::format("{}", (d.at("tz_before_gmt").as_bool() ? local + zone : local - zone).time_since_epoch().count());
}

std::string read_date(const std::string& value) {
  const auto date = parse_date(value);
  return date ? fmt::format("{}", std::chrono::floor<std::chrono::seconds>(*date).time_since_epoch().count()) : "";
}

std::string expected_content_type(const json::value& expected) {
  if (expected.is_null()) return {};
  std::string out = to_lower(text_of(expected.at("c_type")));
  if (expected.at("c_subtype").is_string()) out += "/" + to_lower(text_of(expected.at("c_subtype")));
  std::map<std::string, std::string> attributes;
  const auto* list = expected.as_object().if_contains("attributes");
  if (list != nullptr && list->is_array())
    for (const auto& pair : list->as_array())
      if (!text_of(pair.at(0)).ends_with("-language")) attributes[text_of(pair.at(0))] = text_of(pair.at(1));
  for (const auto& [name, value] : attributes) out += fmt::format("; {}={}", name, value);
  return out;
}

std::string read_content_type(const std::string& raw) {
  const auto value = parse_parameterized(raw);
  std::string out = value.value.ends_with('/') ? value.value.substr(0, value.value.size() - 1) : value.value;
  std::map<std::string, std::string> attributes;
  for (const auto& parameter : value.parameters) attributes[parameter.name] = value.text(parameter.name);
  for (const auto& [name, text] : attributes)
    if (!text.empty()) out += fmt::format("; {}={}", name, text);
  return out;
}

void judge_headers(Score& score, const path& folder) {
  for (const char* kind : {"address", "content_type", "date", "id", "unstructured"}) {
    const json::value cases = json::parse(read_file(folder / (std::string(kind) + ".json")));
    for (const auto& c : cases.as_array()) {
      const std::string value = unfolded(text_of(c.at("header")));
      const json::value& wanted = c.at("expected");
      const std::string k = kind;
      const std::string expected = k == "address"        ? expected_mailboxes(wanted)
                                   : k == "content_type" ? expected_content_type(wanted)
                                   : k == "date"         ? expected_date(wanted)
                                   : k == "id"           ? joined(strings_of(wanted))
                                                         : text_of(wanted);
      const std::string got = k == "address"        ? read_mailboxes(value)
                              : k == "content_type" ? read_content_type(value)
                              : k == "date"         ? read_date(value)
                              : k == "id"           ? joined(parse_message_ids(value, 50))
                                                    : one_line(decode_encoded_words(value));
      score.judge("headers " + k, "headers/" + k + " " + value, expected, got, same_line(expected, got));
    }
  }
}

int run(const path& corpus) {
  Score score;
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    if (name == "headers")
      judge_headers(score, entry.path());
    else if (name == "structure" || name == "fields")
      judge_mails(score, entry.path());
    else if (name == "tnef")
      judge_tnef(entry.path(), [&](const auto& where, const auto& expected, const auto& got, bool same) {
        score.judge("tnef files", where, expected, got, same);
      });
    else if (name == "replies")
      judge_replies(entry.path().string(), [&](const auto& file, const auto& expected, const auto& got, bool same) {
        score.judge("replies reply_text", "replies/" + file, expected, got, same);
      });
    else if (name == "bounces")
      judge_bounces(entry.path(), [&](const auto& where, const auto& expected, const auto& got, bool same) {
        score.judge("bounces class", "bounces/" + where, expected, got, same);
      });
    else
      left.push_back(name);
  }
  score.print();
  if (!left.empty()) fmt::print("not judged: {} (the parsers do not read these yet)\n", joined(left));
  return 0;
}

}  // namespace
}  // namespace ticketd

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: corpus DIR\n");
    return 64;
  }
  try {
    return ticketd::run(argv[1]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "corpus: {}\n", e.what());
    return 66;
  }
}
