#pragma once

#include <memory>

#include "daemon/net/connection.h"
#include "daemon/net/curl_multi.h"

namespace ticketd {

/// For files of this folder.
struct Network::Impl {
  std::shared_ptr<CurlMulti> multi;
};

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

}  // namespace ticketd
