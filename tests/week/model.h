#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/ticket.h"
#include "tests/week/deed.h"
#include "tests/week/wall_clock.h"

namespace ticketd::week {

/// A ticket as service-rules.md wants it to be.
struct Case {
  int number = 0;
  std::string requester, organization, subject;
  Channel channel = Channel::portal;
  Priority priority = Priority::normal;
  TicketStatus status = TicketStatus::new_;
  std::optional<Priority> requested, claimed;
  enum class Claim { none, counts, settled } claim = Claim::none;
  bool labelled = false;
  std::set<Priority> carried;             ///< labels that its subjects have carried
  std::optional<Priority> opening_label;  ///< of the first
  std::vector<std::string> participants;
  std::string assignee;
  bool taken = false;                                        ///< by his own word or deed
  std::optional<Time> answered_as_normal, answered_as_high;  ///< before it was raised from there
  Time left_normal{};                                        ///< the last time
  Time reported{}, clock_from{};
  std::optional<Time> due, warn, answered, estimate, resolved, closes, closed, paged;
  bool warned = false, breach_told = false, estimate_told = false;
  bool wrote_again = false;  ///< the requester, since a mail went to him
  int repeats = 0;
  int incident = 0;
  bool waits = false, suspended = false, spoke = false;
  std::vector<std::string> log;  ///< "instant kind", of the kinds that are compared

  [[nodiscard]] bool is_at_work() const { return status == TicketStatus::new_ || status == TicketStatus::open; }
  [[nodiscard]] bool is_done() const { return !is_at_work(); }
  [[nodiscard]] bool owes() const { return due && !answered && status != TicketStatus::closed; }
  [[nodiscard]] bool is_silent() const { return waits && !spoke; }
  [[nodiscard]] bool is_breached(Time now) const { return due && *due < answered.value_or(closed.value_or(now)); }
};

/// What one deed, or one look of the clock, has to lead to.
struct Expected {
  std::vector<std::string> mails;  ///< "kind event #ticket recipients"
  std::set<int> touched;           ///< tickets
  std::string outcome;             ///< of a mail, for the ledger; "refused" for a command that can't be carried out
  int ticket = 0;                  ///< where the mail is
};

struct OpenIncident {
  int number = 0;
  std::string word, organization;  ///< one of them
};

/// service-rules.md once more, in the plainest words. Knows nothing of the product's rules and shares only its types.
///
/// What it does not predict, and so the generator avoids or the comparison leaves out:
/// - the wording of mails and of the log's sentences (tests/rules has golden files for them);
/// - limits on floods (page.limit, acknowledgements): they are set out of reach;
/// - spam, failed authentication, forwarded mail, mail in which From is not clear: no such mail is made;
/// - merging, and moving a ticket to an incident while it waits for another;
/// - a subject that repeats a label that the ticket has carried before, but for late replies;
/// - mail of machines that belongs to no ticket, and an outbox that waits: each mail is sent at once;
/// - what comes from a gateway, or from who gets no mail, never matches an incident by itself.
class Model {
 public:
  explicit Model(const World& world) : world_(world), clock_(world) {}

  [[nodiscard]] Expected apply(const Deed& deed);
  /// What is due by now.
  [[nodiscard]] Expected look(Time now);
  /// When something is due next; Time::max(): nothing is.
  [[nodiscard]] Time next_due() const;

  [[nodiscard]] const std::vector<Case>& cases() const { return cases_; }
  [[nodiscard]] const Case& ticket(int number) const { return cases_.at(static_cast<std::size_t>(number) - 1); }
  [[nodiscard]] const std::vector<OpenIncident>& incidents() const { return incidents_; }
  [[nodiscard]] bool is_barred(const std::string& address) const { return barred_.contains(address); }
  [[nodiscard]] std::optional<Time> downgraded_until(const std::string& organization) const;
  [[nodiscard]] const WallClock& clock() const { return clock_; }
  struct StrikeCount {
    int counting = 0, settled = 0;
  };
  [[nodiscard]] std::map<std::string, StrikeCount> strikes() const;

 private:
  struct Told {
    std::string event;
    int repetition = 0;
    bool pages_nobody = false;
  };
  struct Audience {
    std::vector<std::pair<const Person*, bool>> people;  ///< and whether he is paged
    std::optional<Time> digest_at;
    void add(const Person* person, bool is_paged);
  };
  struct Line {
    Time at{};
    const Person* to = nullptr;
    int ticket = 0;
    std::string event;
    Time since{};
  };
  struct Strike {
    std::string organization;
    Time at{};
    bool settled = false;
  };

  // model_audience.cc: service-rules §5.
  void tell(Case& c, const Told& told);
  [[nodiscard]] Audience audience(const Case& c, const Told& told) const;
  void add_queue(Audience& heard, Priority row, bool pages, Time at, bool office_open) const;
  void add_on_call(Audience& heard, bool pages, Time at) const;
  void add_duty(Audience& heard, Time at) const;
  void add_role(Audience& heard, const std::string& role, bool pages) const;
  void add_leader(Audience& heard, const std::string& role, bool pages) const;
  [[nodiscard]] bool is_settled(const Line& line) const;
  void send_digests();
  void tell_standing(const std::string& event);

  // model_mail.cc: what customers bring.
  void open(const Deed& deed, int follows);
  void call(const Deed& deed);
  Case& add_case(const std::string& from, Channel channel, std::optional<Priority> label, Time reported);
  void follow_up(const Deed& deed);
  void refuse(const Deed& deed, Case& c, std::vector<Told>& news);
  void relabel(const Deed& deed, Time reported, const Case& before, Case& c, std::vector<Told>& news);
  void stranger(const Deed& deed);
  void bounce(const Deed& deed);
  void reopen(Case& c, Time from);
  [[nodiscard]] bool is_downgraded(const std::string& organization) const;

  // model_staff.cc: what staff do.
  void staff(const Deed& deed);
  [[nodiscard]] bool can(const Deed& deed, const Case& c) const;
  void hand_over(Case& c, const std::string& to, const std::string& by, const char* kind);
  void prioritize(Case& c, Priority wanted, bool spares);
  void strike(Case& c);
  void downgrade(const std::string& organization, Time until);
  void lower_to_normal(Case& c);
  void write(Case& c, const std::string& kind);
  void respond(Case& c);
  void link(Case& c, int incident);
  void unlink(Case& c, const std::string& by);
  void resolve_incident(int incident);
  void settle(Case& c);

  // model_clock.cc
  void set_target(Case& c, Time from);
  void change_priority(Case& c, Priority wanted, Time now);
  void resolve(Case& c);
  void stop_waiting(Case& c);
  void look_at(Case& c);
  [[nodiscard]] std::optional<Time> breach_time(const Case& c) const;
  [[nodiscard]] std::optional<Time> warning_time(const Case& c) const;
  [[nodiscard]] std::optional<Time> repeat_time(const Case& c) const;
  [[nodiscard]] std::optional<Time> estimate_time(const Case& c) const;
  [[nodiscard]] std::optional<Time> closing_time(const Case& c) const;

  [[nodiscard]] Case& at(int number) { return cases_.at(static_cast<std::size_t>(number) - 1); }
  void note(Case& c, const std::string& kind);
  void send(const std::string& kind, const std::string& event, int ticket, std::vector<std::string> recipients);

  const World& world_;
  const WallClock clock_;
  Time now_{};
  Expected expected_;
  std::vector<Case> cases_;
  std::vector<Line> digest_;
  std::vector<Strike> strikes_;
  std::map<std::string, Time> downgraded_;
  std::set<std::string> barred_;
  std::vector<OpenIncident> incidents_;
  int incident_count_ = 0;
};

}  // namespace ticketd::week
