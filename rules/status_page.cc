#include "rules/status_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "rules/html_fragment.h"
#include "rules/json_string.h"
#include "rules/status_page_style.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

using Incidents = std::vector<const PublicIncident*>;

/// What is shown, each list with its latest first.
struct Board {
  Incidents open, past;
};

Board board_of(std::span<const PublicIncident> incidents, Time now) {
  Board board;
  for (const auto& incident : incidents) {
    if (!incident.resolved_at)
      board.open.push_back(&incident);
    else if (*incident.resolved_at >= now - kStatusPageHistory)
      board.past.push_back(&incident);
  }
  const auto latest_first = [](const PublicIncident* a, const PublicIncident* b) {
    return std::pair(a->opened_at, a->number) > std::pair(b->opened_at, b->number);
  };
  std::ranges::sort(board.open, latest_first);
  std::ranges::sort(board.past, latest_first);
  return board;
}

// --- HTML

std::string line_html(std::string_view foreign) { return escape_html(printable_line(foreign)); }

std::string time_html(Time at, const Ruleset& ruleset) {
  return fmt::format("<time datetime=\"{}\">{}</time>", iso8601(at), escape_html(full_local_time(at, ruleset)));
}

std::string head_html(std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<link rel=\"alternate\" type=\"application/json\" href=\"{}\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n",
      kStatusDocumentFile, title, kStatusPageStyle);
}

/// The state in words; the sign before it is decoration.
std::string state_html(std::size_t open) {
  if (open == 0) return "<p class=\"state good\"><span aria-hidden=\"true\">&#10003;</span> No incidents</p>\n";
  return fmt::format(
      "<p class=\"state bad\"><span aria-hidden=\"true\">&#9888;&#xFE0E;</span> {} {} being worked on</p>\n", open,
      open == 1 ? "incident is" : "incidents are");
}

std::string updates_html(const PublicIncident& incident, const Ruleset& ruleset) {
  if (incident.updates.empty()) return {};
  std::string html = "<ol>\n";
  for (auto update = incident.updates.rbegin(); update != incident.updates.rend(); ++update)
    html += fmt::format("<li>{}\n<div dir=\"auto\">{}</div></li>\n", time_html(update->at, ruleset),
                        html_paragraphs(printable_text(update->text)));
  return html + "</ol>\n";
}

std::string title_html(const PublicIncident& incident) {
  return fmt::format("<h3 id=\"incident-{}\" dir=\"auto\">{}</h3>\n", incident.number, line_html(incident.title));
}

std::string open_html(const PublicIncident& incident, const Ruleset& ruleset) {
  return fmt::format(
      "<article class=\"open\" aria-labelledby=\"incident-{}\">\n{}<p class=\"when\">Since {}</p>\n{}</article>\n",
      incident.number, title_html(incident), time_html(incident.opened_at, ruleset), updates_html(incident, ruleset));
}

std::string length_in_words(const PublicIncident& incident) {
  using std::chrono::minutes;
  const auto length = std::chrono::floor<minutes>(*incident.resolved_at - incident.opened_at);
  return humane_duration(std::max(length, minutes{1}));
}

std::string past_html(const PublicIncident& incident, const Ruleset& ruleset) {
  auto updates = updates_html(incident, ruleset);
  if (!updates.empty()) {
    const auto count = incident.updates.size();
    updates = fmt::format("<details>\n<summary>{} {}</summary>\n{}</details>\n", count,
                          count == 1 ? "message" : "messages", updates);
  }
  return fmt::format(
      "<article aria-labelledby=\"incident-{}\">\n{}<p class=\"when\">{}, resolved after {}</p>\n{}</article>\n",
      incident.number, title_html(incident), time_html(incident.opened_at, ruleset), length_in_words(incident),
      updates);
}

// --- JSON (RFC 8259)

std::string updates_json(const PublicIncident& incident) {
  std::vector<std::string> updates;
  for (const auto& update : incident.updates)
    updates.push_back(fmt::format(R"({{"at":"{}","text":{}}})", iso8601(update.at), json_string(update.text)));
  return fmt::format("[{}]", fmt::join(updates, ","));
}

std::string incident_json(const PublicIncident& incident) {
  return fmt::format(
      R"({{"number":{},"title":{},"status":"{}","opened_at":"{}","resolved_at":{},"message":{},"updates":{}}})",
      incident.number, json_string(printable_line(incident.title)), incident.resolved_at ? "resolved" : "open",
      iso8601(incident.opened_at), incident.resolved_at ? json_string(iso8601(*incident.resolved_at)) : "null",
      incident.updates.empty() ? "null" : json_string(incident.updates.back().text), updates_json(incident));
}

std::string incidents_json(const Incidents& incidents) {
  std::vector<std::string> objects;
  for (const auto* incident : incidents) objects.push_back("\n  " + incident_json(*incident));
  return fmt::format("[{}]", fmt::join(objects, ","));
}

}  // namespace

std::string status_page(std::span<const PublicIncident> incidents, const Ruleset& ruleset, Time now) {
  const auto board = board_of(incidents, now);
  const auto title = fmt::format("{}: service status", line_html(ruleset.support.name));
  std::string html = head_html(title);
  html += fmt::format("<body>\n<header>\n<h1>{}</h1>\n{}</header>\n<main>\n", title, state_html(board.open.size()));
  if (!board.open.empty()) {
    html += "<section aria-labelledby=\"now\">\n<h2 id=\"now\">Now</h2>\n";
    for (const auto* incident : board.open) html += open_html(*incident, ruleset);
    html += "</section>\n";
  }
  html += "<section aria-labelledby=\"past\">\n<h2 id=\"past\">The last 90 days</h2>\n";
  if (board.past.empty()) html += "<p>No incidents were resolved in the last 90 days.</p>\n";
  for (const auto* incident : board.past) html += past_html(*incident, ruleset);
  html += fmt::format(
      "</section>\n</main>\n<footer>\n<p>Times are in the time zone {}. This page was written on {}, and is written "
      "anew "
      "whenever something changes. <a href=\"{}\">The same as JSON</a></p>\n</footer>\n</body>\n</html>\n",
      escape_html(ruleset.support.time_zone), time_html(now, ruleset), kStatusDocumentFile);
  return html;
}

std::string status_document(std::span<const PublicIncident> incidents, const Ruleset& ruleset, Time now) {
  const auto board = board_of(incidents, now);
  return fmt::format("{{\"name\":{},\"status\":\"{}\",\"updated_at\":\"{}\",\n \"open\":{},\n \"past\":{}}}\n",
                     json_string(printable_line(ruleset.support.name)), board.open.empty() ? "ok" : "incident",
                     iso8601(now), incidents_json(board.open), incidents_json(board.past));
}

}  // namespace ticketd
