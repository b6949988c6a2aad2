#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/desk/desk.h"
#include "tests/store/store_fixture.h"
#include "tests/week/generator.h"

namespace ticketd::week {

/// A simulated week on a real desk with a real store, held against the model at every step: deeds and the clock's looks
/// lead to the same mails, to the same people, and leave the same tickets. It ends at the first difference.
class Rehearsal {
 public:
  Rehearsal(const World& world, std::uint64_t seed);

  /// What differs, with all that is needed to see why; empty: nothing does.
  std::string run();
  /// How often what happened: events of tickets, "mail", and "told EVENT".
  [[nodiscard]] const std::map<std::string, int>& counts() const { return counts_; }

 private:
  void step_to(Time until);
  void look();
  void act(const Deed& deed);
  void file(Deed& deed);
  void command(const Deed& deed);
  void order_about_incident(const Deed& deed);
  void run_timers();
  [[nodiscard]] std::vector<std::string> drain();

  void compare(const std::string& what, const Expected& expected);
  void compare_ticket(int number);
  void compare_all();
  void compare_log(int number);
  void compare_standings();
  void differ(const std::string& what, int ticket, const std::string& model, const std::string& desk);
  [[nodiscard]] std::string story(int ticket);
  [[nodiscard]] std::string described(const Case& c) const;
  [[nodiscard]] std::string described(const Ticket& ticket) const;

  const World& world_;
  const std::uint64_t seed_;
  StoreFolder folder_;
  std::shared_ptr<DeskRules> rules_ = std::make_shared<DeskRules>();
  Time now_{};
  int tokens_ = 0;
  std::unique_ptr<Desk> desk_;
  std::map<Channel, MailboxState> mailboxes_;
  std::map<Channel, std::uint32_t> uids_;
  Model model_;
  Post post_;
  Generator generator_;
  std::optional<Time> desk_next_;
  std::string outcome_;  ///< of the latest deed, as the desk sees it
  int ticket_ = 0;
  std::string difference_;
  std::map<std::string, int> counts_;
};

}  // namespace ticketd::week
