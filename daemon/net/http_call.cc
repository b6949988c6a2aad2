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

/// What is kept of an answer's body.
struct Body {
  std::size_t limit = 0;  ///< 0: only the beginning
  std::string octets;
  bool is_too_long = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<Body*>(user);
  const std::size_t octets = size * count;
  const std::size_t most = body.limit == 0 ? kLongestText : body.limit;
  const std::size_t room = most - std::min(most, body.octets.size());
  body.octets.append(data, std::min(octets, room));
  body.is_too_long = body.limit != 0 && octets > room;
  return body.is_too_long ? CURL_WRITEFUNC_ERROR : octets;
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

std::string origin_of(const std::string& url) {
  const auto host = url.find("://") + 3;
  return public_url(url.substr(0, url.find_first_of("/?#", host)));
}

struct HttpCall::Impl {
  Impl(std::shared_ptr<CurlMulti> the_multi, HttpRequest the_request)
      : multi(std::move(the_multi)), request(std::move(the_request)), transfer(multi->io()) {}
  ~Impl() {
    if (easy) multi->remove(easy.get());
  }
  void prepare();
  [[nodiscard]] NetError failure(CURLcode code) const;

  std::shared_ptr<CurlMulti> multi;
  HttpRequest request;
  std::array<char, CURL_ERROR_SIZE> detail{};
  Body body;
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
  curl_easy_setopt(call, CURLOPT_PROXY, request.proxy.c_str());  // whatever the environment says
  curl_easy_setopt(call, CURLOPT_NOPROXY, "");                   // likewise
  if (!request.ca_file.empty()) curl_easy_setopt(call, CURLOPT_CAINFO, request.ca_file.c_str());
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
  body.limit = request.body_limit;
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(call, CURLOPT_WRITEDATA, &body);
}

NetError HttpCall::Impl::failure(CURLcode code) const {
  if (body.is_too_long)
    return {NetError::Kind::protocol,
            fmt::format("{}: the answer has more than {} octets", origin_of(request.url), body.limit)};
  const std::string words = detail.front() != '\0' ? detail.data() : curl_easy_strerror(code);
  return {kind_of(code), fmt::format("{}: {}", origin_of(request.url), printable_line(words))};
}

HttpCall::HttpCall(Network& network, HttpRequest request)
    : impl_(std::make_unique<Impl>(network.impl().multi, std::move(request))) {}
HttpCall::~HttpCall() = default;

boost::asio::awaitable<HttpAnswer> HttpCall::run() {
  impl_->prepare();
  const CURLcode code = co_await impl_->multi->run(impl_->easy.get(), impl_->transfer);
  if (code != CURLE_OK) throw impl_->failure(code);
  long status = 0;
  curl_easy_getinfo(impl_->easy.get(), CURLINFO_RESPONSE_CODE, &status);
  HttpAnswer answer;
  answer.status = static_cast<int>(status);
  answer.text = printable_line(std::string_view(impl_->body.octets).substr(0, kLongestText));
  if (impl_->body.limit != 0) answer.body = std::move(impl_->body.octets);
  co_return answer;
}

void HttpCall::interrupt() {
  if (impl_->transfer.result) return;
  impl_->transfer.result = CURLE_ABORTED_BY_CALLBACK;
  impl_->transfer.wake.cancel();
}

}  // namespace ticketd
