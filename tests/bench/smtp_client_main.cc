// smtp_client HOST PORT MAILS CONNECTIONS [group|lap]: what the wire and the server allow. Sends mails with the size
// and the header of an acknowledgement (a server rewrites each address of a header), each to a customer of his own
// domain, over blocking sockets, MAIL, RCPT and DATA in one group, and prints mails per second. `lap` sends the next
// mail's group right behind the content, as ticketd does (RFC 2920 §3.1); `group` (the default) waits for the answer
// first.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ticketd {

namespace {

constexpr std::size_t kMailSize = 4250;

std::string address_of(int number) {
  const auto n = std::to_string(number);
  return "customer" + n + "@c" + n + ".example";
}

/// The envelope of a mail, and DATA.
std::string group(int number) {
  return "MAIL FROM:<support@desk.example> SIZE=" + std::to_string(kMailSize) + "\r\nRCPT TO:<" + address_of(number) +
         ">\r\nDATA\r\n";
}

struct Options {
  const char* host = nullptr;
  int port = 0;
  int mails = 0;
  int connections = 0;
  bool overlap = false;
};

std::string content(int number) {
  const auto n = std::to_string(number);
  std::string text =
      "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nFrom: Example Support <support@desk.example>\r\n"
      "Reply-To: Example Support <support@desk.example>\r\nTo: Customer " +
      n + " <" + address_of(number) +
      ">\r\n"
      "Subject: [SUP-" +
      n + "] We have your message: bench\r\nMessage-ID: <" + n +
      "@bench.example>\r\n"
      "In-Reply-To: <request" +
      n + "@bench.example>\r\nReferences: <request" + n +
      "@bench.example>\r\n"
      "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
  while (text.size() < kMailSize - 64) text += std::string(62, 'x') + "\r\n";
  return text + ".\r\n";
}

class Client {
 public:
  explicit Client(const Options& options) : options_(options), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options.port));
    if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1)
      throw std::runtime_error("HOST is not an IPv4 address");
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no connection");
    const int yes = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    expect('2');
    write("EHLO localhost\r\n");
    expect('2');
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Mails of the numbers that `next` gives, until it reaches the end.
  void send_all(std::atomic<int>& next) {
    int number = next++;
    if (number >= options_.mails) return;
    write(group(number));
    while (number < options_.mails) {
      expect('2');
      expect('2');
      expect('3');
      write(content(number));
      number = next++;
      const bool more = number < options_.mails;
      if (more && options_.overlap) write(group(number));
      expect('2');
      if (more && !options_.overlap) write(group(number));
    }
    write("QUIT\r\n");
  }

 private:
  void write(std::string_view text) {
    while (!text.empty()) {
      const auto octets = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (octets <= 0) throw std::runtime_error("the connection broke");
      text.remove_prefix(static_cast<std::size_t>(octets));
    }
  }
  /// One reply of that class.
  void expect(char kind) {
    for (;;) {
      const auto end = input_.find('\n', begin_);
      if (end == std::string::npos) {
        read_more();
        continue;
      }
      const auto line = std::string_view(input_).substr(begin_, end - begin_);
      if (line.size() < 4 || line[0] != kind) throw std::runtime_error("unexpected: " + std::string(line));
      const bool last = line[3] != '-';
      begin_ = end + 1;
      if (last) return;
    }
  }
  void read_more() {
    input_.erase(0, begin_);
    begin_ = 0;
    char buffer[4096];
    const auto octets = recv(fd_, buffer, sizeof buffer, 0);
    if (octets <= 0) throw std::runtime_error("the connection broke");
    input_.append(buffer, static_cast<std::size_t>(octets));
  }

  const Options& options_;
  int fd_;
  std::string input_;
  std::size_t begin_ = 0;
};

int run(const Options& options) {
  std::atomic<int> next{0};
  std::atomic<bool> failed{false};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < options.connections; ++i)
    threads.emplace_back([&] {
      try {
        Client(options).send_all(next);
      } catch (const std::runtime_error& error) {
        std::fprintf(stderr, "smtp_client: %s\n", error.what());
        failed = true;
      }
    });
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  if (failed) return 1;
  std::printf("%.0f\n", options.mails / time.count());
  return 0;
}

}  // namespace

}  // namespace ticketd

int main(int argc, char** argv) {
  if (argc < 5 || argc > 6) {
    std::fputs("usage: smtp_client HOST PORT MAILS CONNECTIONS [group|lap]\n", stderr);
    return 64;
  }
  ticketd::Options options{argv[1], std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), false};
  options.overlap = argc == 6 && std::strcmp(argv[5], "lap") == 0;
  return ticketd::run(options);
}
