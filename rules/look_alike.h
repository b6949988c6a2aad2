#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// A name as it is read: NFKC, without characters that nobody sees (Default_Ignorable_Code_Point), every run of white
/// space one space. Of a long one the beginning, about 1000 octets.
[[nodiscard]] std::string visible_name(std::string_view name);

/// What a name or an address looks like, whatever its letters are (UTS #39 §4, skeletons): Cyrillic "Аnn" is Latin
/// "Ann", "0" is "O", "I" is "l"; case does not count.
struct Look {
  std::array<std::string, 2> forms;               ///< of the letters as they are written, and of the small ones
  std::array<std::vector<std::string>, 2> words;  ///< of each form
};
/// Of a name as `visible_name` gives it.
[[nodiscard]] Look look_of_name(std::string_view name);
/// Of an address as it is read: the domain with U-labels.
[[nodiscard]] Look look_of_address(std::string_view address);

/// Does a name look like another, which the configuration has? One of several words is also found within a longer name
/// ("Ann Lee (Acme)") and with its words in another order ("Lee, Ann"). The other's look is remembered, for skeletons
/// are dear; so it is no name that a mail brings.
[[nodiscard]] bool imitates_name(const Look& name, const std::string& other);

/// Does an address look like another, which the configuration has? `ann@examp1e.com` looks like `ann@example.com`.
[[nodiscard]] bool imitates_address(const Look& address, const std::string& other);

/// The first word of a name whose letters are of alphabets that no language mixes, as Latin and Cyrillic (UTS #39 §5.2,
/// below "moderately restrictive"); empty when there is none. The name as `visible_name` gives it.
[[nodiscard]] std::string word_of_mixed_scripts(std::string_view name);

}  // namespace ticketd
