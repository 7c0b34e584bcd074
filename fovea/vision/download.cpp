#include "fovea/vision/download.h"

#include <curl/curl.h>

#include <charconv>
#include <exception>
#include <memory>
#include <new>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/core/version.h"
#include "fovea/vision/part_file.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;

CurlHandle make_curl() {
  // Thread safe since C++11: the first caller initialises the library.
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  CurlHandle curl(kReady == CURLE_OK ? curl_easy_init() : nullptr);
  if (curl == nullptr) throw std::bad_alloc();
  return curl;
}

// One connection to one mirror. libcurl calls the three functions below; an exception must not
// cross it, so they keep it and stop the transfer, and run() throws it again.
class Connection {
 public:
  Connection(const Download& file, const std::string& url, const DownloadOptions& options,
             PartFile& part)
      : file_(file), url_(url), options_(options), part_(part), start_(part.size()) {}

  // Appends what arrives to the part. Returns an empty string, or what went wrong.
  std::string run() {
    const CurlHandle curl = make_curl();
    set_options(curl.get());
    const CURLcode code = curl_easy_perform(curl.get());
    if (exception_) std::rethrow_exception(exception_);
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status_);
    if (!problem_.empty()) return problem_;
    if (status_ >= 400) return str("HTTP status ", status_);
    if (code != CURLE_OK) return error_[0] != '\0' ? error_ : curl_easy_strerror(code);
    if (part_.size() < file_.bytes)
      return str("only ", part_.size(), " of ", file_.bytes, " bytes");
    return {};
  }
  // True when the bytes were asked for from the middle and the mirror has no such bytes.
  bool range_refused() const { return start_ > 0 && status_ == 416; }

 private:
  void set_options(CURL* curl) {
    curl_ = curl;
    const std::string agent = str("fovea/", version());
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, agent.c_str());
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout_s));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout_s));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    // Not CURLOPT_RESUME_FROM, with which libcurl fails when a server ignores the range.
    if (start_ > 0) curl_easy_setopt(curl, CURLOPT_RANGE, str(start_, "-").c_str());
  }

  template <class F>
  std::size_t guarded(std::size_t count, const F& f) {
    try {
      return f() ? count : 0;
    } catch (...) {
      exception_ = std::current_exception();
      return 0;
    }
  }

  bool stop(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Called once, before the first byte: does the body start where the part ends?
  bool begin_body() {
    began_ = true;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status_);
    if (status_ == 206) {
      if (range_start_ == start_) return true;
      return stop(str("bytes from ", range_start_, " instead of ", start_));
    }
    if (status_ != 200) return stop(str("HTTP status ", status_));
    part_.clear();  // the server sends all of it
    return true;
  }

  bool take_body(std::span<const std::byte> bytes) {
    if (!began_ && !begin_body()) return false;
    if (bytes.size() > file_.bytes - part_.size())
      return stop(str("more than ", file_.bytes, " bytes"));
    part_.append(bytes);
    return true;
  }

  bool take_header(std::string_view line) {
    constexpr std::string_view kName = "content-range:";
    std::string name(line.substr(0, kName.size()));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (name != kName) return true;
    const std::size_t digits = line.find_first_of("0123456789", kName.size());
    if (digits != std::string_view::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), range_start_);
    return true;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) {
    auto* connection = static_cast<Connection*>(self);
    return connection->guarded(
        count, [&] { return connection->take_body(std::as_bytes(std::span(data, count))); });
  }
  static std::size_t on_header(char* data, std::size_t, std::size_t count, void* self) {
    auto* connection = static_cast<Connection*>(self);
    return connection->guarded(
        count, [&] { return connection->take_header(std::string_view(data, count)); });
  }
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto* connection = static_cast<Connection*>(self);
    const auto report = [&] {
      const DownloadOptions& options = connection->options_;
      const DownloadProgress progress{connection->url_, connection->part_.size(),
                                      connection->file_.bytes};
      check<IoError>(!options.progress || options.progress(progress),
                     "download: ", connection->file_.target.native(),
                     " expected to go on, got stopped after ", progress.done, " of ",
                     progress.total, " bytes");
      return true;
    };
    return connection->guarded(1, report) == 1 ? 0 : 1;
  }

  const Download& file_;
  const std::string& url_;
  const DownloadOptions& options_;
  PartFile& part_;
  const std::uint64_t start_;  // bytes that were there before
  CURL* curl_ = nullptr;       // while run() runs
  char error_[CURL_ERROR_SIZE] = "";
  long status_ = 0;
  bool began_ = false;
  std::uint64_t range_start_ = 0;  // of Content-Range
  std::string problem_;
  std::exception_ptr exception_;
};

// True when the whole file is there and right. A wrong one is cleared, and `problem` says so.
bool verify(const Download& file, PartFile& part, std::string& problem) {
  const std::string sha256 = sha256_file(part.path());
  if (sha256 == file.sha256) return true;
  problem = str("SHA-256 ", sha256, " instead of ", file.sha256);
  part.clear();
  return false;
}

// Tries one mirror. Returns an empty string when the part is whole, else what went wrong.
std::string fetch_from(const std::string& url, const Download& file, const DownloadOptions& options,
                       PartFile& part) {
  std::string problem;
  for (int i = 0; i < options.tries; ++i) {
    const std::uint64_t before = part.size();
    if (before < file.bytes) {
      Connection connection(file, url, options, part);
      problem = connection.run();
      if (connection.range_refused()) {
        part.clear();
        continue;
      }
      const bool cut_off = !problem.empty() && part.size() > before;
      if (cut_off) continue;  // it can go on from there
      if (!problem.empty()) return problem;
    }
    if (verify(file, part, problem)) return {};
    // The bytes of an earlier try may be the wrong ones: once more from the start.
    if (before == 0) return problem;
  }
  return problem;
}

}  // namespace

DownloadResult download_file(const Download& file, const DownloadOptions& options) {
  check<ArgumentError>(!file.urls.empty() && file.bytes > 0 && file.sha256.size() == 64,
                       "download: file expected urls, bytes and a SHA-256, got ", file.urls.size(),
                       " urls, ", file.bytes, " bytes and \"", file.sha256, "\"");
  std::error_code error;
  if (std::filesystem::file_size(file.target, error) == file.bytes && !error &&
      sha256_file(file.target) == file.sha256)
    return DownloadResult::kAlreadyThere;

  PartFile part(file.target);
  if (part.size() > file.bytes) part.clear();
  std::string problems;
  for (const std::string& url : file.urls) {
    const std::string problem = fetch_from(url, file, options, part);
    if (problem.empty()) {
      part.publish();
      return DownloadResult::kFetched;
    }
    problems += str(problems.empty() ? "" : "; ", url, ": ", problem);
  }
  throw IoError(str("download: ", file.target.native(), " expected from one of ", file.urls.size(),
                    " mirrors, got none (", problems, ")"));
}

}  // namespace fovea::vision
