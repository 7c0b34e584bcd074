// Who may ask: the guard before everything else.
//
// A page of another site can make a browser send requests here, and a name that its owner points at
// this machine can make that page look like ours. So requests must be for this server by a name
// that we know (Host), not be made by another site's page (Origin), and carry the token that the
// command printed: in the address once, and from then on in a cookie that no script reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/random.h>

#include "apps/serve/http/router.h"
#include "apps/serve/http/target.h"

namespace fovea::serve {

/// What of a request's head the guard looks at; a header that is absent is empty.
struct Head {
  Method method = Method::kGet;  ///< what is wanted
  std::string_view host = {};    ///< "127.0.0.1:8080"
  std::string_view origin = {};  ///< "http://127.0.0.1:8080"
  std::string_view cookie = {};  ///< "a=1; fovea-8080=..."
};

/// What becomes of a request.
enum class Verdict : std::uint8_t {
  kPass,     ///< it is answered
  kEnter,    ///< it has the token in its address: it gets the cookie, and is sent to the page
  kForeign,  ///< it is for somebody else, or from another site: 403
  kNobody,   ///< it has no token, or a wrong one: 401
};

/// See the head of this file.
class Guard {
 public:
  /// For a server at `port` that is called localhost, 127.0.0.1, [::1] and `names`.
  Guard(std::uint16_t port, std::string token, const std::vector<std::string>& names = {});

  /// What becomes of a request.
  Verdict judge(const Head& head, const Target& target) const;
  /// The value of Set-Cookie for who has the token.
  std::string cookie() const;

 private:
  bool knows(std::string_view host) const;

  std::string token_;
  std::string cookie_name_;  // with the port: cookies are for all ports of a name
  std::vector<std::string> hosts_;
};

/// Fills so many bytes at random, and says how many it has; as getrandom does.
using RandomBytes = ssize_t (*)(void* bytes, std::size_t count, unsigned flags);

/// A token that nobody guesses: 32 hexadecimal digits of the system's random numbers.
/// Throws   StateError when the system gives none.
std::string make_token(RandomBytes random = getrandom);

}  // namespace fovea::serve
