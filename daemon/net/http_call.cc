#include "daemon/net/http_call.h"

#include <fmt/format.h>

#include <array>

#include "daemon/net/connect_error.h"
#include "daemon/net/network_impl.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestText = 200;
constexpr std::chrono::milliseconds kConnectTimeout{10'000};

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

HeaderList header_list(const std::vector<std::string>& fields) {
  HeaderList list;
  for (const auto& field : fields) {
    auto* longer = curl_slist_append(list.get(), field.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());  // it is the beginning of the longer one
    list.reset(longer);
  }
  return list;
}

std::size_t keep_beginning(char* data, std::size_t size, std::size_t count, void* user) {
  auto& text = *static_cast<std::string*>(user);
  text.append(data, std::min(size * count, kLongestText - std::min(kLongestText, text.size())));
  return size * count;
}

/// "https://hooks.example.com": who was called, without what may be a secret.
std::string origin_of(const std::string& url) {
  const auto host = url.find("://") + 3;
  return public_url(url.substr(0, url.find_first_of("/?#", host)));
}

NetError::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return NetError::Kind::timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return NetError::Kind::tls;
    default:
      return NetError::Kind::unreachable;
  }
}

}  // namespace

struct HttpCall::Impl {
  Impl(std::shared_ptr<CurlMulti> the_multi, HttpRequest the_request)
      : multi(std::move(the_multi)), request(std::move(the_request)), transfer(multi->io()) {}
  ~Impl() {
    if (easy) multi->remove(easy.get());
  }
  void prepare();

  std::shared_ptr<CurlMulti> multi;
  HttpRequest request;
  std::array<char, CURL_ERROR_SIZE> detail{};
  std::string text;
  HeaderList header;
  CurlMulti::Transfer transfer;
  std::unique_ptr<CURL, EasyDeleter> easy;
};

void HttpCall::Impl::prepare() {
  easy.reset(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  header = header_list(request.header);
  auto* call = easy.get();
  curl_easy_setopt(call, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(call, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(call, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(call, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(call, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(call, CURLOPT_HTTPHEADER, header.get());
  curl_easy_setopt(call, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(call, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(kConnectTimeout, request.timeout).count()));
  curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(call, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(call, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, &keep_beginning);
  curl_easy_setopt(call, CURLOPT_WRITEDATA, &text);
}

HttpCall::HttpCall(Network& network, HttpRequest request)
    : impl_(std::make_unique<Impl>(network.impl().multi, std::move(request))) {}
HttpCall::~HttpCall() = default;

boost::asio::awaitable<HttpAnswer> HttpCall::run() {
  impl_->prepare();
  const CURLcode code = co_await impl_->multi->run(impl_->easy.get(), impl_->transfer);
  if (code != CURLE_OK) {
    const std::string words = impl_->detail.front() != '\0' ? impl_->detail.data() : curl_easy_strerror(code);
    throw NetError(kind_of(code), fmt::format("{}: {}", origin_of(impl_->request.url), printable_line(words)));
  }
  long status = 0;
  curl_easy_getinfo(impl_->easy.get(), CURLINFO_RESPONSE_CODE, &status);
  HttpAnswer answer;
  answer.status = static_cast<int>(status);
  answer.text = printable_line(impl_->text);
  co_return answer;
}

void HttpCall::interrupt() {
  if (impl_->transfer.result) return;
  impl_->transfer.result = CURLE_ABORTED_BY_CALLBACK;
  impl_->transfer.wake.cancel();
}

}  // namespace ticketd
