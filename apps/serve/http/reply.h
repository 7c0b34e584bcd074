// What goes back over the wire: an answer with everything that its head says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/serve/http/assets.h"
#include "apps/serve/http/router.h"

namespace fovea::serve {

/// An answer with its headers.
struct Reply {
  /// By name.
  using Headers = std::vector<std::pair<std::string_view, std::string>>;

  int status = 200;      ///< of HTTP
  Headers headers = {};  ///< but for those that reply_head adds to all
  std::string body = {};
};

/// Whether the connection takes another request after the answer.
enum class After : std::uint8_t {
  kClose,  ///< it does not
  kMore,   ///< it does
  kFlow,   ///< the body flows until one of both closes
};

/// What a handler has answered.
Reply reply_of(Response response);
/// A file of the page, packed if whoever asks takes that: the value of Accept-Encoding.
Reply reply_of(const Asset& asset, std::string_view accept_encoding);
/// To the page, with a cookie that lets in.
Reply reply_to_enter(const std::string& cookie);
/// A page that says how to get in.
Reply reply_to_nobody();
/// The head of a stream of events.
Reply reply_to_listener();

/// The head as HTTP/1.1 has it, with what keeps a browser from doing for the page what it does not
/// need: scripts from elsewhere, frames, guesses at types.
std::string reply_head(const Reply& reply, After after);

}  // namespace fovea::serve
