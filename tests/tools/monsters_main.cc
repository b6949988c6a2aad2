// monsters [--json] [NAME…]: hostile mails through the whole way of a mail, each in a process of its own that may not
// use much. monsters --mails DIR: every file below DIR the same way, all in one process.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/desk/desk.h"
#include "parsers/printable.h"
#include "tests/tools/monsters.h"

namespace ticketd {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsBounded = false;
constexpr std::size_t kScale = 20;
#else
constexpr bool kIsBounded = true;
constexpr std::size_t kScale = 1;
#endif

constexpr double kMegabytes = 200;
/// CPU, as a multiple of what an ordinary mail of the same size takes in the same run: about 2 s where that takes half
/// a second. A machine that is busy or slow is so for both.
constexpr double kMostTimes = 4;
// Beyond these a process is ended. Any step that is not linear goes beyond them by far.
constexpr rlim_t kHardSeconds = 20;
constexpr rlim_t kHardOctets = 4ULL << 30U;

Time now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// A folder of its own, gone at the end.
struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("ticketd-monsters-{}", getpid());
  Folder() { fs::create_directory(path); }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

Desk new_desk(const fs::path& folder) {
  auto rules = std::make_shared<DeskRules>();
  rules->ruleset.support.address = "support@desk.example";
  rules->ruleset.support.name = "Support";
  rules->ruleset.support.subject_tag = "TKT";
  return {Store(folder / "store.db"), rules, now,
          [n = std::uint64_t{0}]() mutable { return fmt::format("{:032x}", ++n); }};
}

/// What people do with a ticket: look at it, in both forms, and take out its first and last attachment.
void look_at(Desk& desk, TicketId ticket) {
  auto& store = desk.store();
  const auto row = store.ticket(ticket);
  if (!row) return;
  const auto messages = store.messages(ticket);
  const auto events = store.events(ticket);
  std::size_t octets = present_case(*row, messages, events, QuotedText::folded, Ruleset(), now(), {}).size();
  octets += boost::json::serialize(ticket_json(*row, now())).size();
  for (const auto& message : messages) {
    octets += boost::json::serialize(message_json(message)).size();
    const auto raw = message.has_raw ? store.raw(ticket, message.id) : std::nullopt;
    if (!raw || message.attachments.empty()) continue;
    for (const auto id : {message.attachments.front().id, message.attachments.back().id})
      octets += extract_attachment(*raw, id).value_or("").size();
  }
  if (octets == 0) throw std::logic_error("a ticket shows nothing");
}

/// ingest → show; what became of it.
std::string take_through(Desk& desk, const ArrivedMail& arrived, Outcome explained) {
  const auto decision = desk.ingest(arrived);
  if (explained != decision.outcome) return "explained as another outcome";
  if (decision.ticket) look_at(desk, decision.ticket->number);
  return std::string(name_of(decision.outcome));
}

ArrivedMail arrived_mail(std::string octets) {
  ArrivedMail arrived;
  arrived.mailbox = "pipe";
  arrived.internal_date = now();
  arrived.original_size = octets.size();
  arrived.octets = std::move(octets);
  return arrived;
}

double kilobytes_of(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stod(line.substr(key.size() + 1));
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct Measured {
  std::string name, outcome;
  double raw_mb = 0, seconds = 0, extra_mb = 0;  ///< CPU of ingest and show; memory over the raw mail
  double times = 0;                              ///< CPU as a multiple of that of an ordinary mail
  [[nodiscard]] bool is_slow() const { return kIsBounded && times > kMostTimes; }
  [[nodiscard]] bool is_good() const {
    if (outcome != "new_ticket" && outcome != "quarantined") return false;
    return !kIsBounded || (extra_mb <= kMegabytes && !is_slow());
  }
};

void measure_here(const monsters::Monster& monster, int out) {
  if (kIsBounded) {
    const rlimit cpu{kHardSeconds, kHardSeconds}, memory{kHardOctets, kHardOctets};
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_AS, &memory);
  }
  const Folder folder;
  auto desk = new_desk(folder.path);
  const auto arrived = arrived_mail(monster.make());
  const auto explained = desk.explain(arrived).outcome;
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const double before = kilobytes_of("VmRSS:"), started = cpu_seconds();
  std::string outcome;
  try {
    outcome = take_through(desk, arrived, explained);
  } catch (const std::exception& error) {
    outcome = error.what();
  }
  const auto line = fmt::format("{} {} {} {}", static_cast<double>(arrived.octets.size()) / 1e6,
                                cpu_seconds() - started, (kilobytes_of("VmHWM:") - before) / 1e3, outcome);
  if (write(out, line.data(), line.size()) < 0) _exit(1);
}

Measured measure(const monsters::Monster& monster) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    measure_here(monster, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  std::string line(4096, '\0');
  const auto size = read(ends[0], line.data(), line.size());
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  Measured measured;
  measured.name = printable_line(monster.name);
  measured.outcome = WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status)) : "died";
  if (size <= 0 || status != 0) return measured;
  std::istringstream in(line.substr(0, static_cast<std::size_t>(size)));
  in >> measured.raw_mb >> measured.seconds >> measured.extra_mb >> std::ws;
  std::getline(in, measured.outcome);
  return measured;
}

/// What seems slow is measured again, beside an ordinary mail: the best of some tries counts.
class Measure {
 public:
  Measured operator()(const monsters::Monster& monster) {
    Measured best = once(monster);
    constexpr int tries = 4;
    for (int i = 1; i < tries && best.is_slow(); ++i) {
      ordinary_ = measure(monsters::ordinary(kScale)).seconds;
      if (Measured again = once(monster); again.times < best.times) best = std::move(again);
    }
    return best;
  }

 private:
  Measured once(const monsters::Monster& monster) const {
    Measured measured = measure(monster);
    measured.times = measured.seconds / std::max(ordinary_, 1e-3);
    return measured;
  }

  double ordinary_ = measure(monsters::ordinary(kScale)).seconds;
};

void print(const Measured& m) {
  fmt::print("{:<64} {:>7.1f} {:>8.3f} {:>6.2f} {:>8.1f}  {}{}\n", m.name, m.raw_mb, m.seconds, m.times, m.extra_mb,
             printable_line(m.outcome), m.is_good() ? "" : "  MISSED");
  std::fflush(stdout);
}

int run_monsters(const std::vector<std::string>& names, bool is_json) {
  boost::json::array rows;
  bool is_good = true;
  if (!is_json) fmt::print("{:<64} {:>7} {:>8} {:>6} {:>8}\n", "mail", "MB", "CPU s", "times", "MB over");
  Measure measure_mail;
  for (const auto& monster : monsters::all(kScale)) {
    const bool is_wanted = names.empty() || std::ranges::any_of(names, [&](const auto& name) {
                             return monster.name.find(name) != std::string::npos;
                           });
    if (!is_wanted) continue;
    const auto measured = measure_mail(monster);
    is_good = is_good && measured.is_good();
    if (!is_json) print(measured);
    rows.push_back({{"name", measured.name},
                    {"raw_mb", measured.raw_mb},
                    {"seconds", measured.seconds},
                    {"times", measured.times},
                    {"extra_mb", measured.extra_mb},
                    {"outcome", measured.outcome},
                    {"good", measured.is_good()}});
  }
  if (is_json) fmt::print("{}\n", boost::json::serialize(rows));
  return is_good ? 0 : 1;
}

int run_mails(const fs::path& directory) {
  const Folder folder;
  auto desk = new_desk(folder.path);
  std::map<std::string, int> outcomes;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const auto arrived = arrived_mail({std::istreambuf_iterator<char>(in), {}});
    ++outcomes[take_through(desk, arrived, desk.explain(arrived).outcome)];
  }
  for (const auto& [outcome, count] : outcomes) fmt::print("{:>7} {}\n", count, outcome);
  return outcomes.empty() ? 66 : 0;
}

}  // namespace
}  // namespace ticketd

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 2 && arguments[0] == "--mails") return ticketd::run_mails(arguments[1]);
    const bool is_json = std::erase(arguments, "--json") > 0;
    return ticketd::run_monsters(arguments, is_json);
  } catch (const std::exception& error) {
    fmt::print(stderr, "monsters: {}\n", error.what());
    return 70;
  }
}
