#include "daemon/log/writer.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "daemon/log/log.h"
#include "daemon/log/observer.h"

namespace ticketd::log {
namespace {

constexpr std::chrono::milliseconds kLong{60'000};

/// What a sink was given, readable after its writer is gone; with a gate that stalls it like a stopped journal.
struct Record {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> entries;
  bool open = true;
  bool stalled = false;
  bool refuses = false;
  bool refuses_reports = false;
  int refused = 0;

  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
    changed.notify_all();
  }
  void set_refuses(bool value, bool reports = false) {
    const std::lock_guard lock(mutex);
    refuses = value;
    refuses_reports = reports;
  }
  void wait_until_refused(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this, count] { return refused >= count; });
  }
  void wait_until_stalled() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stalled; });
  }
};

class RecordingSink : public Sink {
 public:
  explicit RecordingSink(std::shared_ptr<Record> record) : record_(std::move(record)) {}
  bool write(const Entry& entry) override {
    std::unique_lock lock(record_->mutex);
    record_->stalled = !record_->open;
    record_->changed.notify_all();
    record_->changed.wait(lock, [this] { return record_->open; });
    if (record_->refuses || (record_->refuses_reports && entry.event == Event::lines_dropped)) {
      ++record_->refused;
      record_->changed.notify_all();
      return false;
    }
    record_->entries.push_back(entry);
    return true;
  }

 private:
  std::shared_ptr<Record> record_;
};

Entry line(int number) { return {Event::mail_filed, Severity::info, fmt::format("line {}", number), {}}; }

}  // namespace

TEST_CASE("what is queued is written before the writer ends", "[log]") {
  const auto record = std::make_shared<Record>();
  {
    Writer writer(std::make_unique<RecordingSink>(record), 100, kLong);
    for (int i = 0; i < 50; ++i) writer.push(line(i));
  }
  REQUIRE(record->entries.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(record->entries[static_cast<std::size_t>(i)].message == line(i).message);
}

TEST_CASE("a stalled sink stops nobody, and the lost lines are counted", "[log]") {
  const auto record = std::make_shared<Record>();
  record->set_open(false);
  {
    Writer writer(std::make_unique<RecordingSink>(record), 10, kLong);
    writer.push(line(0));
    record->wait_until_stalled();
    for (int i = 1; i <= 30; ++i) writer.push(line(i));
    CHECK(writer.dropped() == 20);
    record->set_open(true);
  }
  REQUIRE(record->entries.size() == 12);  // the one in the sink, ten in the queue, the report
  CHECK(record->entries[1].event == Event::lines_dropped);
  CHECK(record->entries[1].fields == std::vector<std::pair<std::string, std::string>>{{"TICKETD_COUNT", "20"}});
  CHECK(record->entries[1].at > Time{});
  CHECK(record->entries[2].message == "line 1");
  CHECK(record->entries.back().message == "line 10");
}

TEST_CASE("lines that the sink refuses are counted, and told of once it takes lines again", "[log]") {
  const auto record = std::make_shared<Record>();
  record->set_refuses(true);
  {
    Writer writer(std::make_unique<RecordingSink>(record), 10, kLong);
    for (int i = 0; i < 3; ++i) {
      writer.push(line(i));
      record->wait_until_refused(i + 1);
    }
    record->set_refuses(false);
    writer.push(line(3));
  }
  CHECK(record->refused == 3);  // nothing is tried again and again
  REQUIRE(record->entries.size() == 2);
  CHECK(record->entries[0].message == "line 3");
  CHECK(record->entries[1].event == Event::lines_dropped);
  CHECK(record->entries[1].fields == std::vector<std::pair<std::string, std::string>>{{"TICKETD_COUNT", "3"}});
}

TEST_CASE("a report that the sink refuses is made again, and is no lost line itself", "[log]") {
  const auto record = std::make_shared<Record>();
  record->set_refuses(true);
  {
    Writer writer(std::make_unique<RecordingSink>(record), 10, kLong);
    writer.push(line(0));
    record->wait_until_refused(1);
    record->set_refuses(false, true);
    writer.push(line(1));
    record->wait_until_refused(2);
    CHECK(writer.dropped() == 1);
    record->set_refuses(false);
    writer.push(line(2));
  }
  REQUIRE(record->entries.size() == 3);
  CHECK(record->entries[1].message == "line 2");
  CHECK(record->entries[2].fields == std::vector<std::pair<std::string, std::string>>{{"TICKETD_COUNT", "1"}});
}

TEST_CASE("a sink that is stuck for good does not keep the process", "[log]") {
  const auto record = std::make_shared<Record>();
  record->set_open(false);
  {
    Writer writer(std::make_unique<RecordingSink>(record), 10, std::chrono::milliseconds(1));
    writer.push(line(0));
    record->wait_until_stalled();
  }
  CHECK(record->entries.empty());
  record->set_open(true);  // the thread that was left behind ends
}

TEST_CASE("many threads may log at once", "[log]") {
  const auto record = std::make_shared<Record>();
  {
    Writer writer(std::make_unique<RecordingSink>(record), 100'000, kLong);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&writer] {
        for (int i = 0; i < 1000; ++i) writer.push(line(i));
      });
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(record->entries.size() == 4000);
}

TEST_CASE("without a session lines go nowhere", "[log]") { stopped(); }

TEST_CASE("a session writes the lines of its events", "[log]") {
  const auto record = std::make_shared<Record>();
  {
    const Session session(std::make_unique<RecordingSink>(record));
    mail_filed("support", 17, "new_ticket", 12, "id@example.com", "no reference to a ticket", 2.5);
    mail_filed("support", 18, "quarantined", std::nullopt, "", "no header", std::nullopt);
    mail_not_sent(4, 12, "reply", "out@desk.example", "failed", "550 no such user");
    CHECK(dropped_lines() == 0);
  }
  stopped();
  CHECK(dropped_lines() == 0);
  REQUIRE(record->entries.size() == 3);
  CHECK(record->entries[0].message ==
        "mailbox support: mail 17 filed as new_ticket (ticket #12): no reference to a ticket");
  CHECK(record->entries[0].severity == Severity::info);
  CHECK(record->entries[0].fields.back() == std::pair<std::string, std::string>{"TICKETD_LAG", "2.500"});
  CHECK(record->entries[1].severity == Severity::warning);
  CHECK(record->entries[2].message == "outbox 4: reply is failed (ticket #12): 550 no such user");
  CHECK(record->entries[2].severity == Severity::error);
}

}  // namespace ticketd::log
