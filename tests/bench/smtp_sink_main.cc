// smtp_sink PORT [--delay-ms N] [--log FILE]: takes every mail as fast as it can and forgets it. N holds back each
// answer for so long (a round trip). FILE gets one line per mail: monotonic microseconds, first recipient, Message-ID.
// On SIGTERM or SIGINT the number of mails is printed.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/ascii.h"

namespace ticketd {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  std::chrono::milliseconds delay{0};
  std::string log;
};

/// What one client has said so far.
struct Client {
  int fd = -1;
  std::string input;
  std::string output;
  std::string recipient, message_id;
  bool in_content = false;
  bool in_header = false;
  bool closing = false;
};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Sink {
 public:
  explicit Sink(Options options) : options_(std::move(options)) {
    if (!options_.log.empty()) log_.reset(std::fopen(options_.log.c_str(), "a"));
    if (log_) std::setvbuf(log_.get(), nullptr, _IOLBF, 0);
  }

  int run();

 private:
  struct Held {
    Clock::time_point due;
    std::weak_ptr<Client> client;
    std::string text;
  };

  bool listen_on_port();
  void watch(int fd) const;
  void accept_client();
  void read_from(const std::shared_ptr<Client>& client);
  void take_input(Client& client);
  void take_content_line(Client& client, std::string_view line);
  void take_command(Client& client, std::string_view line);
  void end_mail(Client& client);
  void answer(const std::shared_ptr<Client>& client);
  void release_held();
  [[nodiscard]] int patience() const;
  static void send_all(const Client& client, std::string_view text);

  Options options_;
  std::unique_ptr<std::FILE, FileCloser> log_;
  int epoll_ = -1, listener_ = -1, signals_ = -1;
  std::map<int, std::shared_ptr<Client>> clients_;
  std::deque<Held> held_;  // one delay for all: due in this order
  unsigned long mails_ = 0;
};

bool Sink::listen_on_port() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener_, 64) == 0;
}

void Sink::watch(int fd) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

int Sink::run() {
  if (!listen_on_port()) {
    std::perror("smtp_sink: no such port for us");
    return 1;
  }
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  watch(listener_);
  watch(signals_);
  for (;;) {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, patience());
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == signals_) {
        std::printf("%lu\n", mails_);
        return 0;
      }
      if (fd == listener_)
        accept_client();
      else if (const auto found = clients_.find(fd); found != clients_.end())
        read_from(std::shared_ptr<Client>(found->second));
    }
    release_held();
  }
}

int Sink::patience() const {
  if (held_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(held_.front().due - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void Sink::accept_client() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  auto client = std::make_shared<Client>();
  client->fd = fd;
  client->output = "220 sink ready\r\n";
  clients_[fd] = client;
  watch(fd);
  answer(client);
}

void Sink::read_from(const std::shared_ptr<Client>& client) {
  char buffer[65536];
  const auto octets = recv(client->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (octets < 0 && errno == EAGAIN) return;
  if (octets > 0) {
    client->input.append(buffer, static_cast<std::size_t>(octets));
    take_input(*client);
    answer(client);
  }
  if (octets > 0 && !client->closing) return;
  close(client->fd);
  clients_.erase(client->fd);
  client->fd = -1;
}

void Sink::take_input(Client& client) {
  std::size_t begin = 0;
  for (auto end = client.input.find("\r\n"); end != std::string::npos; end = client.input.find("\r\n", begin)) {
    const auto line = std::string_view(client.input).substr(begin, end - begin);
    if (client.in_content)
      take_content_line(client, line);
    else
      take_command(client, line);
    begin = end + 2;
  }
  client.input.erase(0, begin);
}

void Sink::take_content_line(Client& client, std::string_view line) {
  if (line == ".") return end_mail(client);
  if (line.empty()) client.in_header = false;
  if (log_ && client.in_header && starts_with_ignoring_case(line, "message-id:"))
    client.message_id = trim(line.substr(11));
}

void Sink::end_mail(Client& client) {
  client.in_content = false;
  client.output += "250 2.0.0 taken\r\n";
  ++mails_;
  if (!log_) return;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
  std::fprintf(log_.get(), "%lld %s %s\n", static_cast<long long>(now.count()), client.recipient.c_str(),
               client.message_id.c_str());
}

void Sink::take_command(Client& client, std::string_view line) {
  const auto is = [&](std::string_view verb) { return starts_with_ignoring_case(line, verb); };
  if (is("EHLO")) {
    client.output += "250-sink\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n";
  } else if (is("RCPT TO:")) {
    client.recipient = line.substr(8);
    client.output += "250 2.1.5 ok\r\n";
  } else if (is("DATA")) {
    client.in_content = client.in_header = true;
    client.message_id.clear();
    client.output += "354 go\r\n";
  } else if (is("QUIT")) {
    client.closing = true;
    client.output += "221 bye\r\n";
  } else {
    client.output += is("MAIL FROM:") || is("RSET") || is("NOOP") || is("HELO") ? "250 ok\r\n" : "500 what\r\n";
  }
}

void Sink::send_all(const Client& client, std::string_view text) {
  while (client.fd >= 0 && !text.empty()) {
    const auto octets = send(client.fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (octets <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(octets));
  }
}

void Sink::answer(const std::shared_ptr<Client>& client) {
  if (client->output.empty()) return;
  if (options_.delay.count() == 0)
    send_all(*client, client->output);
  else
    held_.push_back({Clock::now() + options_.delay, client, client->output});
  client->output.clear();
}

void Sink::release_held() {
  while (!held_.empty() && held_.front().due <= Clock::now()) {
    if (const auto client = held_.front().client.lock()) send_all(*client, held_.front().text);
    held_.pop_front();
  }
}

int usage() {
  std::fputs("usage: smtp_sink PORT [--delay-ms N] [--log FILE]\n", stderr);
  return 64;
}

}  // namespace

}  // namespace ticketd

int main(int argc, char** argv) {
  ticketd::Options options;
  if (argc < 2 || argc % 2 != 0) return ticketd::usage();
  options.port = std::atoi(argv[1]);
  for (int i = 2; i < argc; i += 2) {
    if (std::strcmp(argv[i], "--delay-ms") == 0)
      options.delay = std::chrono::milliseconds{std::atoi(argv[i + 1])};
    else if (std::strcmp(argv[i], "--log") == 0)
      options.log = argv[i + 1];
    else
      return ticketd::usage();
  }
  return ticketd::Sink(std::move(options)).run();
}
