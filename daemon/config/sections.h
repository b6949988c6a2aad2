#pragma once

#include "daemon/config/section.h"
#include "daemon/config/settings.h"

namespace ticketd {

/// The table of settings, with what each fills. One function per header of the file.
[[nodiscard]] Section<Settings> root_section();

[[nodiscard]] Section<Support> support_section();
[[nodiscard]] Section<MailboxSettings> mailbox_section();
[[nodiscard]] Section<Settings> smtp_section();
[[nodiscard]] Section<OfficeHours> office_hours_section();
[[nodiscard]] Section<Ruleset> priority_section();
[[nodiscard]] Section<StaffMember> staff_section();
[[nodiscard]] Section<Ruleset> page_section();
[[nodiscard]] Section<Organization> organization_section();
[[nodiscard]] Section<Ruleset> abuse_section();
[[nodiscard]] Section<Ruleset> channel_section();
[[nodiscard]] Section<Ruleset> lifecycle_section();
[[nodiscard]] Section<Ruleset> block_section();
[[nodiscard]] Section<Settings> limits_section();
[[nodiscard]] Section<MailRule> rule_section();

}  // namespace ticketd
