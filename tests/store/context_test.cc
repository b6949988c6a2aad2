#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

using Via = Candidate::Via;

TEST_CASE("an empty store gives an empty context") {
  StoreFolder folder;
  Store store(folder.path());
  auto query = make_query("a@customer");
  query.references = {"unknown@somewhere"};
  query.tag = TicketId{5};
  const auto context = store.load_context(query);
  CHECK(context.next_number == TicketId{1});
  CHECK(context.known.empty());
  CHECK(context.candidates.empty());
  CHECK(context.automatic_answers_to_sender == 0);
  CHECK(context.tickets_of_sender == 0);
  CHECK_FALSE(context.downgraded_until);
}

TEST_CASE("candidates come by references in their order, then by tag, no ticket twice") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 4; ++i) file_new(store, i, "mail-" + std::to_string(i) + "@customer");
  struct Case {
    const char* name;
    std::vector<std::string> references;
    std::optional<TicketId> tag;
    std::vector<std::pair<int, Via>> expected;
  };
  const std::vector<Case> cases{
      {"one of ours", {"ack-1@desk"}, {}, {{1, Via::our_message_id}}},
      {"a customer's own", {"mail-1@customer"}, {}, {{1, Via::customer_message_id}}},
      {"newest first", {"ack-3@desk", "ack-2@desk"}, {}, {{3, Via::our_message_id}, {2, Via::our_message_id}}},
      {"ours counts although the customer's is newer",
       {"mail-2@customer", "ack-2@desk"},
       {},
       {{2, Via::our_message_id}}},
      {"unknown ids are passed over", {"x@y", "ack-4@desk"}, {}, {{4, Via::our_message_id}}},
      {"by tag alone", {}, TicketId{2}, {{2, Via::tag}}},
      {"tag after references", {"ack-1@desk"}, TicketId{2}, {{1, Via::our_message_id}, {2, Via::tag}}},
      {"tag of the same ticket adds nothing", {"ack-1@desk"}, TicketId{1}, {{1, Via::our_message_id}}},
      {"tag of no ticket", {}, TicketId{99}, {}},
      {"ids are case-sensitive", {"ACK-1@desk"}, {}, {}},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto query = make_query("new@customer");
      query.references = c.references;
      query.tag = c.tag;
      const auto context = store.load_context(query);
      CHECK(context.next_number == TicketId{5});
      REQUIRE(context.candidates.size() == c.expected.size());
      for (std::size_t i = 0; i < c.expected.size(); ++i) {
        CHECK(context.candidates[i].ticket.number == TicketId{c.expected[i].first});
        CHECK(context.candidates[i].via == c.expected[i].second);
      }
    }
  }
}

TEST_CASE("a candidate brings its participants and the subjects that came in") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.participants = {"bob@customer.example", "ann@customer.example"};
  decision.outgoing[0].recipients = {"Ann@Customer.example", "bob@customer.example"};
  file(store, decision);
  Decision more;
  more.ticket = make_ticket(1);
  more.messages = {make_message("b@customer"), make_message("c@customer"), make_message("out@desk")};
  more.messages[1].subject = "Re: URGENT";
  more.messages[2].direction = Direction::out;
  more.messages[2].subject = "Our answer";
  more.messages.push_back(make_message("d@stranger"));
  more.messages[3].from = {"", "eve@other.example"};
  more.messages[3].subject = "URGENT, says a stranger";
  more.participants = {"carl@customer.example", "bob@customer.example"};
  file(store, more);

  auto query = make_query("new@customer");
  query.references = {"ack-1@desk"};
  const auto context = store.load_context(query);
  REQUIRE(context.candidates.size() == 1);
  const auto& candidate = context.candidates[0];
  CHECK(candidate.participants ==
        std::vector<std::string>{"ann@customer.example", "bob@customer.example", "carl@customer.example"});
  const auto& first = decision.messages[0].subject;
  CHECK(candidate.earlier_subjects == std::vector<std::string>{"Re: URGENT", first, first});
  CHECK_FALSE(candidate.answers_us);
  query.direct_references = 1;
  CHECK(store.load_context(query).candidates[0].answers_us);
}

TEST_CASE("a mail of staff brings what it answers, and what the customer knows") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.outgoing.push_back(make_outgoing(1, "news-1@desk", OutboxKind::notification));
  file(store, decision);
  Decision more;
  more.ticket = make_ticket(1);
  more.messages = {make_message("out@desk", "We look at it."), make_message("n@desk", "He never pays."),
                   make_message("d@stranger", "I know more.")};
  more.messages[0].direction = Direction::out;
  more.messages[1].direction = Direction::note;
  more.messages[2].from = {"", "eve@other.example"};
  more.organization_standing = {"customer.example", at(500)};
  more.outgoing = {make_outgoing(1, "digest@desk", OutboxKind::digest)};
  more.outgoing[0].ticket.reset();
  file(store, more);

  auto query = make_query("new@staff");
  query.references = {"news-1@desk", "digest@desk"};
  query.answers = 2;
  const auto context = store.load_context(query);
  REQUIRE(context.answered.size() == 2);
  CHECK(context.answered[0].kind == OutboxKind::notification);
  CHECK(context.answered[0].ticket == TicketId{1});
  CHECK(context.answered[1].kind == OutboxKind::digest);
  CHECK_FALSE(context.answered[1].ticket);
  REQUIRE(context.candidates.size() == 1);
  CHECK(context.candidates[0].texts_of_customer == std::vector<std::string>{"We look at it.", "It does not work."});
  CHECK(context.candidates[0].downgraded_until == at(500));
}

TEST_CASE("a mail's own id may be one of ours") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  CHECK(store.load_context(make_query("ack-1@desk")).is_ours);
  CHECK_FALSE(store.load_context(make_query("a@customer")).is_ours);
  CHECK_FALSE(store.load_context(make_query("")).is_ours);
}

TEST_CASE("mails that reuse one of our ids do not push its ticket out") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  for (int i = 2; i <= 15; ++i) file(store, make_decision(i, "ack-1@desk"));
  auto query = make_query("new@customer");
  query.references = {"ack-1@desk"};
  const auto candidates = store.load_context(query).candidates;
  REQUIRE(candidates.size() == 11);
  CHECK(candidates[0].ticket.number == TicketId{1});
  CHECK(candidates[0].via == Candidate::Via::our_message_id);
}

TEST_CASE("one id in two tickets gives both, the newer first") {
  StoreFolder folder;
  Store store(folder.path());
  file(store, make_decision(1, "same@customer"));
  file(store, make_decision(2, "same@customer"));
  auto query = make_query("new@customer");
  query.references = {"same@customer"};
  const auto context = store.load_context(query);
  REQUIRE(context.candidates.size() == 2);
  CHECK(context.candidates[0].ticket.number == TicketId{2});
  CHECK(context.candidates[1].ticket.number == TicketId{1});
}

TEST_CASE("a mail is known when Message-ID and digest agree, in any mailbox") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  Decision ignored;
  ignored.reason = "It is from before the first contact.";
  auto other = make_query("old@customer");
  other.mailbox = "sales";
  file(store, ignored, "", &other);
  file(store, ignored, "", &other);

  const auto same = store.load_context(make_query("a@customer")).known;
  REQUIRE(same.size() == 1);
  CHECK(same[0].mailbox == "support");
  CHECK(same[0].ticket == TicketId{1});
  auto query = make_query("a@customer");
  query.content_digest = "another";
  CHECK(store.load_context(query).known.empty());
  query = make_query("b@customer");
  query.content_digest = "digest of a@customer";
  CHECK(store.load_context(query).known.empty());
  const auto without_ticket = store.load_context(make_query("old@customer")).known;
  REQUIRE(without_ticket.size() == 1);
  CHECK(without_ticket[0].mailbox == "sales");
  CHECK_FALSE(without_ticket[0].ticket);
  // Our own mail is no known mail, and a known mail without a ticket no candidate.
  CHECK(store.load_context(make_query("ack-1@desk")).known.empty());
  query.references = {"old@customer"};
  CHECK(store.load_context(query).candidates.empty());
}

TEST_CASE("rates count from their instant on, for that sender, whatever the case of his address") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 3; ++i) file_new(store, i, "m" + std::to_string(i) + "@customer", i * 10);
  auto unanswered = make_decision(4, "m4@customer");
  unanswered.outgoing[0].kind = OutboxKind::reply;
  file(store, unanswered, "", nullptr, 40);
  auto elsewhere = make_decision(5, "m5@customer");  // to an address for answers: it counts for who wrote, too
  elsewhere.outgoing[0].kind = OutboxKind::answer;
  elsewhere.outgoing[0].recipients = {"desk@customer.example"};
  auto written = make_query("m5@customer");
  file(store, elsewhere, "", &written, 50);
  auto query = make_query("new@customer");
  query.acknowledgements_since = at(20);
  query.tickets_since = at(0);
  CHECK(store.load_context(query).automatic_answers_to_sender == 3);
  CHECK(store.load_context(query).tickets_of_sender == 5);
  query.tickets_since = at(51);
  CHECK(store.load_context(query).tickets_of_sender == 0);
  query.sender = "somebody@customer.example";
  query.acknowledgements_since = at(0);
  CHECK(store.load_context(query).automatic_answers_to_sender == 0);
}

TEST_CASE("automatic answers to all addresses of a domain are counted together") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 3; ++i) {
    auto decision = make_decision(i, "m" + std::to_string(i) + "@customer");
    decision.outgoing[0].recipients = {"n" + std::to_string(i) + "@victim.example"};
    file(store, decision, "", nullptr, i * 10);
  }
  auto query = make_query("new@customer");
  query.sender = "somebody@host.victim.example";
  query.domain_acknowledgements_since = at(20);
  query.acknowledgements_since = at(0);
  CHECK(store.load_context(query).automatic_answers_to_domain == 2);
  CHECK(store.load_context(query).automatic_answers_to_sender == 0);
  query.sender = "somebody@elsewhere.example";
  CHECK(store.load_context(query).automatic_answers_to_domain == 0);
}

TEST_CASE("a command's context has the thread, oldest first") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  Decision reply;
  reply.ticket = make_ticket(1);
  reply.messages = {make_message("reply@desk"), make_message("note@desk")};
  reply.messages[0].direction = Direction::out;
  reply.messages[1].direction = Direction::note;
  reply.outgoing = {make_outgoing(1, "reply@desk", OutboxKind::reply)};
  file(store, reply);
  const auto context = store.load_command_context(TicketId{1}, {});
  REQUIRE(context.ticket);
  CHECK(context.ticket->number == TicketId{1});
  CHECK(context.participants.front() == "ann@customer.example");
  CHECK(context.thread_message_ids == std::vector<std::string>{"a@customer", "reply@desk"});
  CHECK(context.next_number == TicketId{2});
  CHECK_FALSE(store.load_command_context(TicketId{2}, {}).ticket);
  CHECK(store.load_command_context({}, "customer.example").next_number == TicketId{2});
}

}  // namespace
}  // namespace ticketd
