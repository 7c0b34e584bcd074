// Fetching files over http and https: from the first mirror that delivers, resumed where an earlier
// try was cut off, and checked against SHA-256 before they get their name.
//
// What has arrived lies in TARGET.part, which a later call goes on with; only one process writes
// it. Proxies are taken from the environment (http_proxy, https_proxy, no_proxy), certificates from
// the system. Redirections are followed, to http and https alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fovea::vision {

/// A file to fetch.
struct Download {
  std::vector<std::string> urls;  ///< where it can be had; tried in this order
  std::filesystem::path target;   ///< where it goes
  std::uint64_t bytes = 0;        ///< its length
  std::string sha256;             ///< its SHA-256, in lower-case hexadecimal
};

/// How far a download is.
struct DownloadProgress {
  const std::string& url;   ///< the mirror in use
  std::uint64_t done = 0;   ///< bytes that have arrived, those of earlier tries too
  std::uint64_t total = 0;  ///< bytes of the file
};

/// How to fetch.
struct DownloadOptions {
  /// Called now and then, from the calling thread; returning false stops the download.
  std::function<bool(const DownloadProgress&)> progress = {};
  int connect_timeout_s = 20;  ///< longest wait for a connection
  int stall_timeout_s = 30;    ///< longest wait without a byte
  int tries = 3;               ///< connections a mirror when they break off
};

/// What download_file did.
enum class DownloadResult : std::uint8_t {
  kAlreadyThere,  ///< the target has the right checksum; nothing was fetched
  kFetched,       ///< the target was fetched, checked and put in place
};

/// Fetches a file unless it is there already.
/// Throws   IoError, one line that says for each mirror what went wrong; the target is then as it
///          was, and TARGET.part holds what can be used by the next call.
DownloadResult download_file(const Download& file, const DownloadOptions& options = {});

}  // namespace fovea::vision
