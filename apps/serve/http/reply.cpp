#include "apps/serve/http/reply.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace fovea::serve {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 17> kReasons = {
    {{200, "OK"},
     {201, "Created"},
     {202, "Accepted"},
     {204, "No Content"},
     {303, "See Other"},
     {400, "Bad Request"},
     {401, "Unauthorized"},
     {403, "Forbidden"},
     {404, "Not Found"},
     {405, "Method Not Allowed"},
     {409, "Conflict"},
     {413, "Content Too Large"},
     {415, "Unsupported Media Type"},
     {422, "Unprocessable Content"},
     {431, "Request Header Fields Too Large"},
     {500, "Internal Server Error"},
     {503, "Service Unavailable"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSafety = {
    {{"Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
      "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'"},
     {"X-Content-Type-Options", "nosniff"},
     {"Referrer-Policy", "no-referrer"},
     {"Cross-Origin-Opener-Policy", "same-origin"},
     {"Cross-Origin-Resource-Policy", "same-origin"},
     {"Permissions-Policy", "camera=(self), microphone=(), geolocation=()"}}};

constexpr const char* kHowToEnter =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Fovea</title>"
    "<p>This page opens by the address that <code>fovea serve</code> printed, "
    "<code>http://127.0.0.1:PORT/?token=...</code>, with its token.</p>"
    "<p lang=\"ko\"><code>fovea serve</code>가 출력한, 토큰이 붙은 주소로 열어 "
    "주세요.</p></html>\n";

constexpr const char* kNeverKept = "no-store";

/// Whether the value of Accept-Encoding has "gzip", and not with the weight 0.
bool takes_gzip(std::string_view accepted) {
  while (!accepted.empty()) {
    std::string_view one = accepted.substr(0, accepted.find(','));
    accepted.remove_prefix(std::min(one.size() + 1, accepted.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    const std::string_view name = one.substr(0, one.find_first_of("; \t"));
    if (name != "gzip") continue;
    const std::size_t weight = one.find("q=");
    return weight == std::string_view::npos ||
           one.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

}  // namespace

Reply reply_of(Response response) {
  return {.status = response.status,
          .headers = {{"Content-Type", std::move(response.type)},
                      {"Cache-Control", response.keep == Keep::kForever
                                            ? "private, max-age=31536000, immutable"
                                            : kNeverKept}},
          .body = std::move(response.body)};
}

Reply reply_of(const Asset& asset, std::string_view accept_encoding) {
  Reply reply{.headers = {{"Content-Type", asset.type},
                          {"Cache-Control",
                           asset.is_immutable ? "public, max-age=31536000, immutable" : kNeverKept},
                          {"Vary", "Accept-Encoding"}}};
  if (takes_gzip(accept_encoding)) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = asset.packed;
  } else {
    reply.body = unpacked(asset);
  }
  return reply;
}

Reply reply_to_enter(const std::string& cookie) {
  return {.status = 303,
          .headers = {{"Location", "/"}, {"Set-Cookie", cookie}, {"Cache-Control", kNeverKept}}};
}

Reply reply_to_nobody() {
  return {.status = 401,
          .headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", kNeverKept}},
          .body = kHowToEnter};
}

Reply reply_to_listener() {
  return {.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", kNeverKept}}};
}

std::string reply_head(const Reply& reply, After after) {
  const auto* const reason =
      std::ranges::find(kReasons, reply.status, &std::pair<int, std::string_view>::first);
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  if (reason != kReasons.end()) head += reason->second;
  head += "\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : reply.headers) add(name, value);
  for (const auto& [name, value] : kSafety) add(name, value);
  if (after != After::kFlow) add("Content-Length", std::to_string(reply.body.size()));
  add("Connection", after == After::kMore ? "keep-alive" : "close");
  return head + "\r\n";
}

}  // namespace fovea::serve
