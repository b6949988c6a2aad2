#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "daemon/ctl/data_commands.h"
#include "daemon/ctl/output_file.h"
#include "daemon/ctl/store_files.h"
#include "parsers/printable.h"
#include "store/backup.h"
#include "store/search_index.h"
#include "store/soundness.h"

namespace ticketd {

namespace {

void tell_of_damaged_index() {
  fmt::print(stderr,
             "ticketctl: the store's search index is damaged and was left out of the backup, where it is made anew; in "
             "the store: ticketctl check --repair\n");
}

}  // namespace

void back_up_store(CtlSession& session, const std::string& file, bool replace) {
  const auto store = existing_store(session.settings());
  refuse_store_itself(file, store);
  StoreFacts facts;
  try {
    write_file_by(file, replace ? Existing::replaced : Existing::kept, [&](const std::string& draft) {
      copy_store(store, draft);
      if (mend_search_index(draft)) tell_of_damaged_index();
      mend_key_filters(draft);
      facts = verify_store(draft);
    });
  } catch (const StoreError&) {
    fail_of_store(std::current_exception());
  }
  const auto size = std::filesystem::file_size(file);
  if (session.json())
    return print(boost::json::serialize(boost::json::object{{"file", file},
                                                            {"size", size},
                                                            {"schema", facts.schema},
                                                            {"tickets", facts.tickets},
                                                            {"messages", facts.messages},
                                                            {"ledger_entries", facts.ledger_entries},
                                                            {"unsent_mails", facts.unsent_mails}}) +
                 "\n");
  print(fmt::format(
      "{} is a verified backup: {} tickets, {} messages, {} ledger entries, {} mails that wait; {} octets\n",
      printable_line(file), facts.tickets, facts.messages, facts.ledger_entries, facts.unsent_mails, size));
}

ExitCode check_store(CtlSession& session, bool repair) {
  const auto store = existing_store(session.settings());
  std::vector<std::string> problems;
  try {
    if (repair && mend_search_index(store))
      fmt::print(stderr,
                 "ticketctl: the search index was damaged and is empty now; what is on record is put into it in "
                 "idle moments of the daemon\n");
    if (repair && mend_key_filters(store))
      fmt::print(
          stderr,
          "ticketctl: filters of Message-IDs were damaged and are gone; the daemon makes them anew after its next "
          "start\n");
    problems = find_damage(store);
  } catch (const StoreDamaged& error) {  // so much that it can't even be read
    problems.emplace_back(error.what());
  } catch (const StoreError&) {
    fail_of_store(std::current_exception());
  }
  for (auto& problem : problems) problem = printable_line(problem);
  if (session.json()) {
    const boost::json::array array(problems.begin(), problems.end());
    print(boost::json::serialize(boost::json::object{{"ok", problems.empty()}, {"problems", array}}) + "\n");
  } else {
    print(problems.empty() ? fmt::format("{} is sound\n", store.string())
                           : fmt::format("{}\n", fmt::join(problems, "\n")));
  }
  return problems.empty() ? kExitOk : kExitProblem;
}

}  // namespace ticketd
