#pragma once

#include <string_view>

// The row of a ticket, and what the clock looks for; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text insert_ticket =
    "INSERT INTO tickets (subject, status, priority, requested_priority, labelled, channel, requester_name, "
    "requester_address, reply_to, organization, assignee, incident, reported_at, response_due_at, responded_at, "
    "estimate_at, resolved_at, closed_at, pressing_at, message_count, number, clock_from, merged_into, warn_at, "
    "no_page_reason, warned_at, breach_told_at, paged_at, page_repeats, estimate_passed_at, check_at, "
    "waits_for_incident, clock_suspended, claim, customer_spoke, claimed_priority, taken, "
    "answered_as_normal_at, answered_as_high_at, owes_update, left_normal_at, missed_before) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
    "?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42)";
inline constexpr Text update_ticket =
    "UPDATE tickets SET subject = ?1, status = ?2, priority = ?3, requested_priority = ?4, labelled = ?5, "
    "channel = ?6, requester_name = ?7, requester_address = ?8, reply_to = ?9, organization = ?10, assignee = ?11, "
    "incident = ?12, reported_at = ?13, response_due_at = ?14, responded_at = ?15, estimate_at = ?16, "
    "resolved_at = ?17, closed_at = ?18, pressing_at = ?19, message_count = message_count + ?20, clock_from = ?22, "
    "merged_into = ?23, warn_at = ?24, no_page_reason = ?25, warned_at = ?26, breach_told_at = ?27, paged_at = ?28, "
    "page_repeats = ?29, estimate_passed_at = ?30, check_at = ?31, waits_for_incident = ?32, clock_suspended = ?33, "
    "claim = ?34, customer_spoke = ?35, claimed_priority = ?36, taken = ?37, answered_as_normal_at = ?38, "
    "answered_as_high_at = ?39, owes_update = ?40, left_normal_at = ?41, missed_before = ?42 WHERE number = ?21";
inline constexpr Text ticket =
    "SELECT number, subject, status, priority, requested_priority, labelled, channel, requester_name, "
    "requester_address, reply_to, organization, assignee, incident, reported_at, response_due_at, responded_at, "
    "estimate_at, resolved_at, closed_at, message_count, clock_from, merged_into, warn_at, no_page_reason, warned_at, "
    "breach_told_at, paged_at, page_repeats, estimate_passed_at, check_at, waits_for_incident, clock_suspended, claim, "
    "customer_spoke, claimed_priority, taken, answered_as_normal_at, answered_as_high_at, owes_update, "
    "left_normal_at, missed_before FROM tickets WHERE number = ?1";

inline constexpr Text due_tickets =
    "SELECT number FROM tickets WHERE check_at <= ?2 AND (check_at, number) > (?3, ?4) "
    "ORDER BY check_at, number LIMIT ?1";
inline constexpr Text next_check = "SELECT min(check_at) FROM tickets WHERE check_at > ?1";
inline constexpr Text scheduled_tickets =
    "SELECT number FROM tickets WHERE check_at IS NOT NULL AND number > ?1 ORDER BY number LIMIT ?2";
inline constexpr Text tickets_paged_after = "SELECT number FROM tickets WHERE check_at IS NOT NULL AND paged_at > ?1";
inline constexpr Text set_check = "UPDATE tickets SET check_at = ?2 WHERE number = ?1";

// News for staff.
inline constexpr Text insert_digest_entry =
    "INSERT INTO digest_entries (at, to_name, to_address, is_page, ticket, event, since_at) VALUES (?1, ?2, ?3, ?4, "
    "?5, ?6, ?7)";
inline constexpr Text due_digest_entries =
    "SELECT id, at, to_name, to_address, is_page, ticket, event, since_at FROM digest_entries WHERE at <= ?1 "
    "ORDER BY at, id LIMIT ?2";
inline constexpr Text next_digest = "SELECT min(at) FROM digest_entries WHERE at > ?1";
inline constexpr Text bring_digests_forward = "UPDATE digest_entries SET at = ?1 WHERE at > ?1";
inline constexpr Text delete_digest_entry = "DELETE FROM digest_entries WHERE id = ?1";
inline constexpr Text insert_news = "INSERT INTO staff_news (at, sender, organization) VALUES (?1, ?2, ?3)";
inline constexpr Text forget_news =
    "DELETE FROM staff_news WHERE id IN (SELECT id FROM staff_news WHERE at < ?1 ORDER BY at LIMIT ?2)";
inline constexpr Text count_news_of_sender =
    "SELECT count(*) FROM staff_news WHERE sender = ?1 AND at BETWEEN ?2 AND ?3";
inline constexpr Text count_news_of_organization =
    "SELECT count(*) FROM staff_news WHERE organization = ?1 AND at BETWEEN ?2 AND ?3";
inline constexpr Text count_news = "SELECT count(*) FROM staff_news WHERE at BETWEEN ?1 AND ?2";

}  // namespace ticketd::sql
