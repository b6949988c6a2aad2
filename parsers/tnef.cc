#include "parsers/tnef.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/html_charset.h"
#include "parsers/html_text.h"
#include "parsers/rtf_text.h"
#include "parsers/tnef_properties.h"

namespace ticketd {
namespace {

constexpr std::uint32_t kSignature = 0x223E9F78;

/// A text of the stream whose charset may only be known at its end.
struct RawText {
  std::string_view octets;
  bool unicode = false;
};

std::string code_page_name(std::uint32_t page) {
  constexpr std::uint32_t iso_8859 = 28590;
  if (page == 0) return {};
  if (page == 65001) return "utf-8";
  if (page == 20127) return "us-ascii";
  if (page == 20866) return "koi8-r";
  if (page == 21866) return "koi8-u";
  if (page == 50220 || page == 50221 || page == 50222) return "iso-2022-jp";
  if (page == 51932) return "euc-jp";
  if (page == 54936) return "gb18030";
  if (page > iso_8859 && page <= iso_8859 + 15) return "iso-8859-" + std::to_string(page - iso_8859);
  const bool windows = (page >= 1250 && page <= 1258) || page == 874;
  return (windows ? "windows-" : "cp") + std::to_string(page);
}

std::string to_utf8(RawText text, std::uint32_t code_page) {
  std::string utf8 = decode_charset(text.octets, text.unicode ? "utf-16le" : code_page_name(code_page));
  if (const auto end = utf8.find('\0'); end != std::string::npos) utf8.resize(end);
  return utf8;
}

std::string_view trim_zeros(std::string_view text) {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text;
}

/// What transports leave behind a stream.
bool is_filling(std::string_view rest) {
  return rest.find_first_not_of(std::string_view("\0 \t\r\n", 5)) == std::string_view::npos;
}

/// A file whose attributes are being read.
struct RawFile {
  RawText title, long_name, short_name, shown_name;
  RawText media_type, content_id, path;
  std::optional<std::string_view> octets;
  bool is_message = false;
  bool is_link = false;  ///< PidTagAttachMethod: by reference
};

/// The body forms of a message, as they stand in the stream.
struct RawBody {
  RawText text, html;
  std::string_view rtf;
  std::uint32_t oem_code_page = 0;
  std::uint32_t code_page = 0;
};

/// What a message inside says about itself.
struct RawHeader {
  RawText message_class, subject, sender_name, sender_address, to;
  std::uint64_t sent = 0;  ///< FILETIME: 100 ns since 1601
};

/// `2026-03-02 10:00 UTC`; empty for none and for what no calendar of mail has.
std::string written_time(std::uint64_t file_time) {
  using namespace std::chrono;
  constexpr std::uint64_t second = 10'000'000;
  constexpr std::int64_t unix_epoch = 11'644'473'600;
  constexpr std::int64_t year_10000 = 253'402'300'800;
  const auto since_1970 = static_cast<std::int64_t>(file_time / second) - unix_epoch;
  if (file_time == 0 || since_1970 >= year_10000) return {};
  const sys_seconds time{seconds(since_1970)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count());
}

/// Attribute numbers with their types (MS-OXTNEF §2.1.3.2, §2.1.3.3).
enum AttributeId : std::uint32_t {
  kOemCodePage = 0x00069007,
  kMessageClass = 0x00078008,
  kBody = 0x0002800C,
  kSubject = 0x00018004,
  kMessageProperties = 0x00069003,
  kRenderingData = 0x00069002,
  kTitle = 0x00018010,
  kData = 0x0006800F,
  kFileProperties = 0x00069005,
};

/// One TNEF stream; a message inside is read by one more reader.
class Reader {
 public:
  Reader(TnefMessage& message, std::size_t& properties, const TnefLimits& limits, TextBudget& budget, std::size_t depth)
      : message_(message), properties_(properties), limits_(limits), budget_(budget), depth_(depth) {}

  bool read(std::string_view stream) {
    TnefCursor at(stream);
    if (at.number(4) != kSignature) return false;
    at.take(2);
    while (!at.failed() && !is_filling(at.rest())) {
      constexpr std::uint32_t message_level = 1;
      constexpr std::uint32_t file_level = 2;
      const std::uint32_t level = at.number(1);
      const std::uint32_t id = at.number(4);
      const std::string_view data = at.take(at.number(4));
      if (level != message_level && level != file_level) {
        defect("does not end where its attributes do");
        break;
      }
      if (!at.failed()) attribute(id, data);
      at.take(2);
    }
    if (at.failed()) defect("is cut short");
    finish_file();
    return true;
  }

  [[nodiscard]] std::string_view rtf_body() const { return body_.rtf; }
  [[nodiscard]] std::string message_class() const { return text(header_.message_class); }
  [[nodiscard]] std::string text_body() const { return text(body_.text); }
  [[nodiscard]] std::string html_body() const {
    const std::uint32_t page = body_.code_page != 0 ? body_.code_page : body_.oem_code_page;
    if (body_.html.unicode || page != 0) return to_utf8(body_.html, page);
    return decode_charset(trim_zeros(body_.html.octets), html_charset(body_.html.octets));
  }
  [[nodiscard]] std::string subject() const { return one_line(text(header_.subject)); }

  /// Lines as those of a mail, and a blank one; empty when nothing is known.
  [[nodiscard]] std::string header() const {
    std::string from = one_line(text(header_.sender_name));
    const std::string address = one_line(text(header_.sender_address));
    if (!address.empty() && address != from) from += fmt::format("{}<{}>", from.empty() ? "" : " ", address);
    const std::array<std::pair<const char*, std::string>, 4> fields{{{"From", std::move(from)},
                                                                     {"To", one_line(text(header_.to))},
                                                                     {"Date", written_time(header_.sent)},
                                                                     {"Subject", subject()}}};
    std::string result;
    for (const auto& [name, value] : fields)
      if (!value.empty()) result += fmt::format("{}: {}\n", name, value);
    return result.empty() ? result : result + "\n";
  }

 private:
  void attribute(std::uint32_t id, std::string_view data) {
    switch (id) {
      case kOemCodePage:
        body_.oem_code_page = TnefCursor(data).number(4);
        break;
      case kMessageClass:
        if (header_.message_class.octets.empty()) header_.message_class = {data, false};
        break;
      case kBody:
        if (body_.text.octets.empty()) body_.text = {data, false};
        break;
      case kSubject:
        if (header_.subject.octets.empty()) header_.subject = {data, false};
        break;
      case kMessageProperties:
        return read_properties(data, [this](const TnefProperty& p) { message_property(p); });
      case kRenderingData:
        return finish_file();
      case kTitle:
        file().title = {data, false};
        break;
      case kData:
        if (!data.empty() || !file().octets) file().octets = data;
        break;
      case kFileProperties:
        return read_properties(data, [this](const TnefProperty& p) { file_property(p); });
      default:
        break;
    }
  }

  template <class Take>
  void read_properties(std::string_view data, Take take) {
    TnefProperties properties(data, properties_);
    while (const auto property = properties.next()) take(*property);
    if (properties_ == 0) defect("holds more properties than the limit");
    if (properties.damaged()) defect("holds damaged properties");
  }

  void message_property(const TnefProperty& p) {
    const RawText text{p.value, p.type == kUnicode};
    if (RawText* known = known_text(p.id)) *known = text;
    if (p.id == 0x1009) body_.rtf = p.value;
    if (p.id == 0x3FDE) body_.code_page = TnefCursor(p.value).number(4);
    if (p.id == 0x0039) {
      TnefCursor time(p.value);
      const std::uint64_t low = time.number(4);
      header_.sent = std::uint64_t{time.number(4)} << 32U | low;
    }
  }

  /// MS-OXPROPS. An address in SMTP's form wins over that of another kind, which may be a name of Exchange.
  RawText* known_text(std::uint16_t id) {
    switch (id) {
      case 0x001A:
        return &header_.message_class;
      case 0x1000:
        return &body_.text;
      case 0x1013:
        return &body_.html;
      case 0x0037:
        return &header_.subject;
      case 0x0C1A:
        return &header_.sender_name;
      case 0x0042:
        return header_.sender_name.octets.empty() ? &header_.sender_name : nullptr;
      case 0x5D01:
        return &header_.sender_address;
      case 0x0C1F:
      case 0x0065:
        return header_.sender_address.octets.empty() ? &header_.sender_address : nullptr;
      case 0x0E04:
        return &header_.to;
      default:
        return nullptr;
    }
  }

  void file_property(const TnefProperty& p) {
    const RawText text{p.value, p.type == kUnicode};
    switch (p.id) {
      case 0x3701:
        return file_data(p);
      case 0x3705:
        return attach_method(TnefCursor(p.value).number(4));
      case 0x3707:
        file().long_name = text;
        break;
      case 0x3704:
        file().short_name = text;
        break;
      case 0x3001:
        file().shown_name = text;
        break;
      case 0x3708:
        if (file().path.octets.empty()) file().path = text;
        break;
      case 0x370D:
        file().path = text;
        break;
      case 0x370E:
        file().media_type = text;
        break;
      case 0x3712:
        file().content_id = text;
        break;
      default:
        break;
    }
  }

  /// MS-OXCMSG §2.2.2.9: 2 to 4 are references, 7 is one to the web.
  void attach_method(std::uint32_t method) { file().is_link = (method >= 2 && method <= 4) || method == 7; }

  /// An object's data follow the identifier of its interface: a message's, or that of a storage.
  void file_data(const TnefProperty& p) {
    constexpr std::string_view message_interface("\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", 16);
    if (p.type != kObject) {
      if (p.type == kBinary) file().octets = p.value;
      return;
    }
    if (p.value.size() < message_interface.size()) return;
    file().is_message = p.value.starts_with(message_interface);
    file().octets = p.value.substr(message_interface.size());
  }

  RawFile& file() {
    if (!file_) file_.emplace();
    return *file_;
  }

  void finish_file() {
    const auto file = std::exchange(file_, std::nullopt);
    if (!file) return;
    if (!file->octets || (file->is_link && file->octets->empty())) return add_missing(*file);
    if (file->is_message && add_message(*file)) return;
    add({name(*file), text(file->media_type), text(file->content_id), *file->octets});
  }

  void add_missing(const RawFile& file) {
    std::string path = one_line(text(file.path));
    if (path.empty()) path = one_line(name(file));
    if (!path.empty() && message_.missing.size() < limits_.files) message_.missing.push_back(std::move(path));
  }

  void add(TnefFile file) {
    if (message_.files.size() >= limits_.files) return defect("holds more files than the limit");
    message_.files.push_back(std::move(file));
  }

  bool add_message(const RawFile& file) {
    if (depth_ + 1 >= limits_.depth) {
      defect("is nested deeper than the limit");
      return false;
    }
    const std::size_t place = message_.files.size();
    Reader inner(message_, properties_, limits_, budget_, depth_ + 1);
    if (!inner.read(*file.octets)) return false;
    std::string stem = name(file);
    if (stem.empty()) stem = inner.subject();
    if (stem.empty()) stem = "message";
    inner.insert_body(place, stem);
    return true;
  }

  /// The text under the header, then the form that it was read from.
  void insert_body(std::size_t place, const std::string& stem) {
    std::string plain = text_body();
    std::string html = trim(plain).empty() ? html_body() : std::string();
    const bool from_rtf = trim(plain).empty() && trim(html).empty();
    auto rtf = from_rtf ? decompress_rtf(body_.rtf, budget_) : std::nullopt;
    if (rtf) insert_text(place, stem + ".rtf", "application/rtf", *rtf);
    if (rtf) plain = rtf_to_text(*rtf);
    if (!trim(html).empty()) {
      plain = html_to_text(html, budget_.html);
      insert_text(place, stem + ".html", "text/html", std::move(html));
    }
    if (std::string whole = header() + plain; !trim(whole).empty())
      insert_text(place, stem + ".txt", "text/plain", std::move(whole));
  }

  void insert_text(std::size_t place, std::string name, std::string media_type, std::string text) {
    if (message_.files.size() >= limits_.files) return defect("holds more files than the limit");
    const std::string& kept = message_.texts.emplace_back(std::move(text));
    message_.files.insert(message_.files.begin() + static_cast<std::ptrdiff_t>(place),
                          TnefFile{std::move(name), std::move(media_type), {}, kept});
  }

  std::string text(RawText raw) const {
    raw.octets = raw.unicode ? raw.octets : trim_zeros(raw.octets);
    return to_utf8(raw, body_.oem_code_page);
  }

  std::string name(const RawFile& file) const {
    for (const RawText& raw : {file.long_name, file.title, file.shown_name, file.short_name})
      if (auto name = text(raw); !trim(name).empty()) return name;
    return {};
  }

  void defect(std::string_view what) {
    if (message_.defect.empty()) message_.defect = what;
  }

  TnefMessage& message_;
  std::size_t& properties_;
  const TnefLimits& limits_;
  TextBudget& budget_;
  std::size_t depth_;
  RawBody body_;
  RawHeader header_;
  std::optional<RawFile> file_;
};

}  // namespace

std::optional<TnefMessage> read_tnef(std::string_view stream, const TnefLimits& limits) {
  TextBudget budget;
  return read_tnef(stream, limits, budget);
}

std::optional<TnefMessage> read_tnef(std::string_view stream, const TnefLimits& limits, TextBudget& budget) {
  TnefMessage message;
  std::size_t properties = limits.properties;
  Reader reader(message, properties, limits, budget, 0);
  if (!reader.read(stream)) return std::nullopt;
  message.message_class = reader.message_class();
  message.text = reader.text_body();
  message.html = reader.html_body();
  message.compressed_rtf = reader.rtf_body();
  return message;
}

}  // namespace ticketd
