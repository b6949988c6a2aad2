#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <systemd/sd-journal.h>

#include "daemon/log/writer.h"

namespace ticketd::log {
namespace {

class JournalSink : public Sink {
 public:
  bool write(const Entry& entry) override {
    std::vector<std::string> fields = journal_fields(entry);
    std::vector<iovec> pieces;
    for (std::string& field : fields) pieces.push_back({field.data(), field.size()});
    return sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size())) >= 0;
  }
};

class StderrSink : public Sink {
 public:
  bool write(const Entry& entry) override {
    const std::string line = stderr_line(entry, is_terminal_);
    std::string_view rest = line;
    while (!rest.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
};

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::notice:
      return "notice";
    case Severity::info:
      return "info";
  }
  return {};
}

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

}  // namespace

std::unique_ptr<Sink> make_sink() {
  if (stderr_is_journal()) return std::make_unique<JournalSink>();
  return std::make_unique<StderrSink>();
}

std::string stderr_line(const Entry& entry, bool is_terminal) {
  if (is_terminal) return entry.message + '\n';
  return fmt::format("{} {}: {}\n", iso8601(entry.at), name_of(entry.severity), entry.message);
}

std::vector<std::string> journal_fields(const Entry& entry) {
  const EventKind& kind = kind_of(entry.event);
  std::vector<std::string> fields{fmt::format("MESSAGE={}", entry.message),
                                  fmt::format("PRIORITY={}", static_cast<int>(entry.severity)),
                                  "SYSLOG_IDENTIFIER=ticketd", fmt::format("MESSAGE_ID={}", kind.message_id),
                                  fmt::format("TICKETD_EVENT={}", kind.name)};
  for (const auto& [name, value] : entry.fields) fields.push_back(fmt::format("{}={}", name, value));
  return fields;
}

}  // namespace ticketd::log
