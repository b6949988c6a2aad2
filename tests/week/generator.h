#pragma once

#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/week/model.h"
#include "tests/week/post.h"

namespace ticketd::week {

/// Invents what happens, one deed after another, from a seed: who writes what about which ticket, and what staff do.
/// The same seed gives the same week.
class Generator {
 public:
  Generator(const World& world, const Model& model, const Post& post, std::uint64_t seed);

  /// When something happens next; nullopt: nothing more.
  [[nodiscard]] std::optional<Time> next_time();
  /// What, given all that has happened up to then.
  [[nodiscard]] Deed next();
  /// It happened, to this ticket.
  void done(const Deed& deed, int ticket);

 private:
  struct Script {
    Time at{};
    bool opens = false;
    std::string word, organization;
  };
  [[nodiscard]] int below(int count) { return static_cast<int>(random_() % static_cast<std::uint64_t>(count)); }
  [[nodiscard]] bool chance(int percent) { return below(100) < percent; }
  template <class T>
  [[nodiscard]] const T& any(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }
  [[nodiscard]] const Case* any_case(const std::function<bool(const Case&)>& test);
  [[nodiscard]] const Case* any_case_to_write_on();
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] Duration pause();

  void add_script();
  [[nodiscard]] Deed scripted();
  [[nodiscard]] Deed customer_deed();
  [[nodiscard]] Deed staff_deed();
  [[nodiscard]] Deed opening();
  [[nodiscard]] Deed call();
  [[nodiscard]] Deed follow_up(const Case& c);
  [[nodiscard]] Deed away_note(const Case& c);
  [[nodiscard]] Deed stranger(const Case& c);
  [[nodiscard]] Deed duplicate();
  [[nodiscard]] Deed bounce();
  [[nodiscard]] Deed rescue(const Case& c);
  [[nodiscard]] Deed punishment(const Case& c);
  [[nodiscard]] Deed command(const Case& c);
  [[nodiscard]] Deed staff_mail(const Case& c, const Person& person, const Post::Sent& answered);
  void point_to(const Case& c, Deed& deed);
  [[nodiscard]] Orders orders_by_mail(const Case& c);
  [[nodiscard]] Orders orders_by_command(const Case& c);
  [[nodiscard]] std::optional<Priority> any_label();
  [[nodiscard]] std::string with_label(std::optional<Priority> label, const std::string& subject);
  [[nodiscard]] std::string topic();
  [[nodiscard]] std::string customer();
  [[nodiscard]] Deed mail_from(const std::string& from);

  const World& world_;
  const Model& model_;
  const Post& post_;
  std::mt19937_64 random_;
  Time now_{};
  int ids_ = 0;
  std::deque<Script> script_;
  std::deque<int> dead_;     ///< tickets whose acknowledgement will come back
  std::deque<Deed> recent_;  ///< mails of customers, that may come again
  std::map<int, int> relabellings_;
  std::set<std::string> reused_;  ///< ids that several mails have
};

}  // namespace ticketd::week
