// Two desks, and a desk and a machine, that answer each other (RFC 3834 §2).
#include <catch2/catch.hpp>

#include <deque>

#include "tests/rules/mail_samples.h"

namespace ticketd {
namespace {

/// A desk with just as much memory as threading needs.
class LoopDesk {
 public:
  explicit LoopDesk(std::string address) : address_(std::move(address)) {
    desk_.ruleset.support.address = address_;
    desk_.ruleset.support.aliases.clear();
    desk_.ruleset.staff.clear();
  }

  /// What it sends when these octets arrive.
  std::vector<OutgoingMail> take(const std::string& octets) {
    desk_.email = std::get<Email>(parse_email(octets));
    const auto query = desk_.query();
    desk_.context.candidates.clear();
    for (const auto& id : query.references)
      for (const auto& sent : sent_)
        if (sent.message_id == id) desk_.context.candidates.push_back(candidate_17(Candidate::Via::our_message_id));
    desk_.context.is_ours = false;
    for (const auto& sent : sent_) desk_.context.is_ours = desk_.context.is_ours || sent.message_id == query.message_id;
    auto decision = decide();
    sent_.insert(sent_.end(), decision.outgoing.begin(), decision.outgoing.end());
    return decision.outgoing;
  }

  [[nodiscard]] std::size_t sent() const { return sent_.size(); }

 private:
  Decision decide() {
    const TokenSource tokens = [&] { return fmt::format("{:032x}", ++calls_); };
    auto decision = decide_mail(find_facts(desk_.email, desk_.arrived, desk_.ruleset), desk_.context, desk_.templates,
                                desk_.now, tokens);
    std::ranges::for_each(decision.outgoing, write_out);
    return decision;
  }

  std::string address_;
  DeskCase desk_;
  std::vector<OutgoingMail> sent_;
  int calls_ = 0;
};

std::string mail_of(const std::string& from, const std::string& to, const std::string& fields = {}) {
  return "From: " + from + "\r\nTo: " + to + "\r\nSubject: Phones down\r\nMessage-ID: <first@" + from + ">\r\n" +
         fields + "\r\nHello\r\n";
}

TEST_CASE("Two desks that answer each other stop at once") {
  LoopDesk a("support@a.example"), b("support@b.example");
  std::deque<std::pair<LoopDesk*, std::string>> wire{{&a, mail_of("support@b.example", "support@a.example")}};
  std::size_t steps = 0;
  while (!wire.empty() && ++steps < 20) {
    const auto [to, octets] = wire.front();
    wire.pop_front();
    for (const auto& mail : to->take(octets)) wire.emplace_back(to == &a ? &b : &a, mail.octets);
  }
  CHECK(wire.empty());
  CHECK(a.sent() == 1);
  CHECK(b.sent() == 0);
}

TEST_CASE("An acknowledgement that is forwarded back to the desk is not acknowledged") {
  LoopDesk a("support@a.example");
  const auto acknowledgement = a.take(mail_of("jane@acme.example", "support@a.example"));
  REQUIRE(acknowledgement.size() == 1);
  CHECK(a.take(acknowledgement[0].octets).empty());
  CHECK(a.sent() == 1);
}

TEST_CASE("A bounce of a bounce, and one of the acknowledgement, get no answer") {
  LoopDesk a("support@a.example");
  const auto acknowledgement = a.take(mail_of("jane@acme.example", "support@a.example"));
  const auto report = [&](const std::string& returned) {
    return "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nContent-Type: "
           "multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: "
           "message/delivery-status\r\n\r\nFinal-Recipient: rfc822; jane@acme.example\r\nAction: "
           "failed\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" +
           returned + "\r\n--b--\r\n";
  };
  const auto bounce = report(acknowledgement.at(0).octets);
  CHECK(a.take(bounce).empty());
  CHECK(a.take(report("From: MAILER-DAEMON@mx.example\r\nMessage-ID: <unknown@mx.example>\r\n\r\nx")).empty());
  CHECK(a.sent() == 1);
}

}  // namespace
}  // namespace ticketd
