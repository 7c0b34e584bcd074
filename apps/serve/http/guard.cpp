#include "apps/serve/http/guard.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::serve {

namespace {

/// In a time that tells nothing of where they differ. Nothing is the same as no token.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.empty()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

std::string small_letters(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

/// The value of a cookie; empty when there is none.
std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return one.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

Guard::Guard(std::uint16_t port, std::string token, const std::vector<std::string>& names)
    : token_(std::move(token)), cookie_name_("fovea-" + std::to_string(port)) {
  const std::string behind = ":" + std::to_string(port);
  std::vector<std::string> all = {"127.0.0.1", "localhost", "[::1]"};
  for (const std::string& name : names) all.push_back(small_letters(name));
  for (const std::string& name : all) {
    hosts_.push_back(name + behind);
    if (port == 80) hosts_.push_back(name);  // which browsers leave out
  }
}

bool Guard::knows(std::string_view host) const {
  return std::ranges::find(hosts_, small_letters(host)) != hosts_.end();
}

Verdict Guard::judge(const Head& head, const Target& target) const {
  if (!knows(head.host)) return Verdict::kForeign;
  constexpr std::string_view kScheme = "http://";
  const bool of_ours =
      small_letters(head.origin).starts_with(kScheme) && knows(head.origin.substr(kScheme.size()));
  if (head.origin.empty() ? head.method == Method::kPost : !of_ours) return Verdict::kForeign;
  if (head.method == Method::kGet && target.path == "/") {
    const auto given = target.query.find("token");
    if (given != target.query.end())
      return is_same(given->second, token_) ? Verdict::kEnter : Verdict::kNobody;
  }
  return is_same(cookie_value(head.cookie, cookie_name_), token_) ? Verdict::kPass
                                                                  : Verdict::kNobody;
}

std::string Guard::cookie() const {
  return cookie_name_ + "=" + token_ + "; HttpOnly; SameSite=Strict; Path=/";
}

std::string make_token(RandomBytes random) {
  std::array<unsigned char, 16> bytes{};
  check<StateError>(random(bytes.data(), bytes.size(), 0) == std::ssize(bytes),
                    "serve: random numbers expected of the system, got none");
  std::string token;
  for (const unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

}  // namespace fovea::serve
