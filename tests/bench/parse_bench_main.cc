// parse_bench [DIR]: MB/s of parse_email beside GMime's on the same mails, as JSON. Both read the header fields that a
// desk needs, decode every part, and bring texts to UTF-8. DIR: a folder of mails to be read too.
#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "parsers/email.h"

namespace ticketd {
namespace {

struct Kind {
  std::string name;
  std::vector<std::string> mails;
  [[nodiscard]] std::size_t octets() const {
    std::size_t sum = 0;
    for (const auto& mail : mails) sum += mail.size();
    return sum;
  }
};

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

void read_part(GMimeObject*, GMimeObject* part, gpointer sum) {
  auto& octets = *static_cast<std::size_t*>(sum);
  if (GMIME_IS_TEXT_PART(part)) {
    const std::unique_ptr<char, decltype(&g_free)> text(g_mime_text_part_get_text(GMIME_TEXT_PART(part)), g_free);
    if (text) octets += std::string_view(text.get()).size();
  } else if (GMIME_IS_PART(part)) {
    auto* content = g_mime_part_get_content(GMIME_PART(part));
    if (content == nullptr) return;
    const Ref<GMimeStream> out(g_mime_stream_null_new());
    octets += static_cast<std::size_t>(std::max<gssize>(0, g_mime_data_wrapper_write_to_stream(content, out.get())));
  }
}

std::size_t read_with_gmime(const std::string& mail) {
  const Ref<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
  const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Ref<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) return 0;
  std::size_t octets = 0;
  for (auto* list : {g_mime_message_get_from(message.get()), g_mime_message_get_to(message.get()),
                     g_mime_message_get_cc(message.get()), g_mime_message_get_reply_to(message.get())})
    octets += static_cast<std::size_t>(std::max(0, internet_address_list_length(list)));
  for (const auto* text : {g_mime_message_get_subject(message.get()), g_mime_message_get_message_id(message.get())})
    octets += text == nullptr ? 0 : std::string_view(text).size();
  octets += g_mime_message_get_date(message.get()) != nullptr;
  g_mime_message_foreach(message.get(), read_part, &octets);
  return octets;
}

std::size_t read_with_ours(const std::string& mail) {
  const auto read = parse_email(mail);
  const auto* email = std::get_if<Email>(&read);
  return email == nullptr ? 0 : email->text.size() + email->attachments.size();
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The best of some rounds, each of at least 0.3 s of CPU: others may be at work on the machine.
double megabytes_per_second(const Kind& kind, const std::function<std::size_t(const std::string&)>& read) {
  double best = 0;
  std::size_t seen = 0;
  for (int round = 0; round < 3; ++round) {
    const double started = cpu_seconds();
    double octets = 0, seconds = 0;
    while (seconds < 0.3) {
      for (const auto& mail : kind.mails) seen += read(mail);
      octets += static_cast<double>(kind.octets());
      seconds = cpu_seconds() - started;
    }
    best = std::max(best, octets / 1e6 / seconds);
  }
  if (seen == 0) throw std::runtime_error("nothing was read of " + kind.name);
  return best;
}

std::string header(int number) {
  return fmt::format(
      "Received: from mx{0}.example by mail.example; Tue, 24 Nov 2026 10:00:00 +0100\r\nFrom: =?utf-8?q?J=C3=B6rg?= "
      "M=?utf-8?q?=C3=BC?= <j{0}@customer.example>\r\nTo: Support <support@desk.example>, a@b.example\r\nSubject: "
      "=?utf-8?q?St=C3=B6rung?= {0}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{0}@customer.example>\r\n"
      "References: <a@customer.example> <b@customer.example>\r\nMIME-Version: 1.0\r\n",
      number);
}

std::string lines(std::size_t octets) {
  const std::string line = "The quick brown fox jumps over the lazy dog, and the line crackles all the while.\r\n";
  std::string text;
  while (text.size() < octets) text += line;
  return text;
}

std::string text_mail(int number, std::size_t octets) {
  return header(number) + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + lines(octets - 600);
}

std::string base64(std::size_t octets) {
  std::string text;
  while (text.size() < octets)
    text += "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgYW5kIHRoZSBsaW5l\r\n";
  return text;
}

/// Two texts and an image in quoted-printable and base64, as mail programs write it.
std::string multipart_mail(int number, std::size_t octets) {
  const auto part = [](const std::string& fields, const std::string& body) {
    return "--b\r\n" + fields + "\r\n" + body + "\r\n";
  };
  return header(number) + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
         part("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n",
              "Gr=FC=DFe aus K=F6ln\r\n" + lines(octets / 5)) +
         part("Content-Type: text/plain; charset=utf-8\r\n", lines(octets / 5)) +
         part("Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n", base64(octets * 3 / 5)) +
         "--b--\r\n";
}

Kind generated(const std::string& name, int count, std::size_t octets, std::string (*make)(int, std::size_t)) {
  Kind kind{name, {}};
  for (int i = 0; i < count; ++i) kind.mails.push_back(make(i, octets));
  return kind;
}

Kind stored(const std::filesystem::path& directory) {
  Kind kind{"the given folder", {}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    kind.mails.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return kind;
}

int run(int argc, char** argv) {
  std::vector<Kind> kinds{generated("1 KB", 1000, 1'000, text_mail), generated("5 KB", 500, 5'000, text_mail),
                          generated("100 KB multipart", 50, 100'000, multipart_mail),
                          generated("10 MB base64", 1, 10'000'000, multipart_mail)};
  if (argc > 1) kinds.push_back(stored(argv[1]));
  boost::json::array rows;
  for (const auto& kind : kinds)
    rows.push_back({{"name", kind.name},
                    {"mails", kind.mails.size()},
                    {"octets", kind.octets()},
                    {"ours", megabytes_per_second(kind, read_with_ours)},
                    {"gmime", megabytes_per_second(kind, read_with_gmime)}});
  fmt::print("{}\n", boost::json::serialize(rows));
  return 0;
}

}  // namespace
}  // namespace ticketd

int main(int argc, char** argv) {
  g_mime_init();
  try {
    return ticketd::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "parse_bench: {}\n", error.what());
    return 70;
  }
}
