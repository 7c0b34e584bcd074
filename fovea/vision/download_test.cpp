#include "fovea/vision/download.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/part_file.h"
#include "fovea/vision/sha256.h"
#include "tests/support/close.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"

namespace {
bool truncate_fails = false;
}
/// The whole program's, so that a test can have one that fails.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): theirs are reserved
extern "C" int ftruncate(int descriptor, off_t length) noexcept {
  if (!truncate_fails) return static_cast<int>(::syscall(SYS_ftruncate, descriptor, length));
  errno = EIO;
  return -1;
}

namespace fovea::vision {
namespace {

using test::get_file;
using test::HttpServer;
using test::message_of;
using test::put_file;
using test::TempDir;

std::string sha256_of(std::string_view text) {
  Sha256 sha;
  sha.update(test::as_bytes(text));
  return sha.hex();
}

std::string content_of(std::size_t bytes) {
  std::string content(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 2654435761u >> 13);
  return content;
}

// A directory, a server with one file, and what to fetch from it.
class Downloads : public testing::Test {
 protected:
  Downloads() {
    // The tests talk to this machine alone, whatever proxy it uses otherwise.
    ::setenv("no_proxy", "127.0.0.1", 1);
    server.files["/a"] = content;
  }
  Download file(const std::vector<std::string>& paths = {"/a"}) const {
    Download download{
        .urls = {}, .target = target, .bytes = content.size(), .sha256 = sha256_of(content)};
    for (const std::string& path : paths) download.urls.push_back(server.url(path));
    return download;
  }
  std::string failure(const Download& download, const DownloadOptions& options = {}) {
    return message_of<IoError>([&] { download_file(download, options); });
  }

  const std::string content = content_of(200000);
  TempDir dir;
  const std::filesystem::path target = dir / "sub/file";
  const std::filesystem::path part = dir / "sub/file.part";
  HttpServer server;
};

TEST(Sha256, GivesTheDigestsOfTheStandard) {
  // FIPS 180-2, appendix B.
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const TempDir dir;
  put_file(dir / "million", std::string(1000000, 'a'));
  EXPECT_EQ(sha256_file(dir / "million"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// OpenSSL looks for algorithms that have these properties, which its own have not.
TEST(Sha256, SaysThatItIsNotThere) {
  ASSERT_EQ(EVP_set_default_properties(nullptr, "provider=none"), 1);
  const std::string message = message_of<StateError>([] { Sha256(); });
  ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
  EXPECT_EQ(message, "sha256: libcrypto expected to have SHA-256, got none");
}

TEST_F(Downloads, FetchesAndPutsInPlace) {
  std::vector<std::uint64_t> done;
  const DownloadOptions options{.progress = [&](const DownloadProgress& progress) {
    EXPECT_EQ(progress.url, server.url("/a"));
    EXPECT_EQ(progress.total, content.size());
    done.push_back(progress.done);
    return true;
  }};
  EXPECT_EQ(download_file(file(), options), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
  EXPECT_FALSE(std::filesystem::exists(part));
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back(), content.size());
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(server.requests(), std::vector<std::string>{"/a"});
}

TEST_F(Downloads, WantsToKnowWhatItFetches) {
  Download download = file();
  download.urls.clear();
  download.bytes = 0;
  download.sha256 = "abc";
  EXPECT_EQ(message_of<ArgumentError>([&] { download_file(download); }),
            "download: file expected urls, bytes and a SHA-256, got 0 urls, 0 bytes and \"abc\"");
}

TEST_F(Downloads, FetchesNothingThatIsThere) {
  put_file(target, content);
  EXPECT_EQ(download_file(file()), DownloadResult::kAlreadyThere);
  EXPECT_TRUE(server.requests().empty());
  put_file(target, content_of(content.size() - 1) + "x");  // the right length alone is not enough
  EXPECT_EQ(download_file(file()), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
}

TEST_F(Downloads, GoesOnWithAPart) {
  put_file(part, content.substr(0, 150000));
  EXPECT_EQ(download_file(file()), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
  EXPECT_EQ(server.requests(), std::vector<std::string>{"/a bytes=150000-"});
}

TEST_F(Downloads, StartsAgainWhereRangesAreIgnored) {
  put_file(part, content.substr(0, 150000));
  server.ranges = false;
  download_file(file());
  EXPECT_EQ(get_file(target), content);
}

TEST_F(Downloads, StartsAgainWhereAPartIsWrong) {
  put_file(part, std::string(1000, 'x'));
  download_file(file());
  EXPECT_EQ(get_file(target), content);
  EXPECT_EQ(server.requests(), (std::vector<std::string>{"/a bytes=1000-", "/a"}));
  // A whole part needs no fetching when it is right, and starts again when it is wrong.
  std::filesystem::remove(target);
  put_file(part, content);
  download_file(file());
  EXPECT_EQ(server.requests().size(), 2u);
  std::filesystem::remove(target);
  put_file(part, content_of(content.size() - 1) + "x");
  download_file(file());
  EXPECT_EQ(get_file(target), content);
  put_file(part, content + "more");  // too long
  std::filesystem::remove(target);
  download_file(file());
  EXPECT_EQ(get_file(target), content);
}

TEST_F(Downloads, GoesOnWhenTheConnectionIsCut) {
  server.cut_after = {70000, 70000};
  EXPECT_EQ(download_file(file()), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
  EXPECT_EQ(server.requests(),
            (std::vector<std::string>{"/a", "/a bytes=70000-", "/a bytes=140000-"}));
}

TEST_F(Downloads, KeepsThePartWhenAllMirrorsFail) {
  server.cut_after = {70000};
  const std::string message = failure(file(), {.tries = 1});
  EXPECT_TRUE(message.starts_with("download: " + target.string() +
                                  " expected from one of 1 mirrors, got none (" + server.url("/a") +
                                  ": "))
      << message;
  EXPECT_FALSE(std::filesystem::exists(target));
  EXPECT_EQ(get_file(part), content.substr(0, 70000));
  EXPECT_EQ(download_file(file()), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
}

TEST_F(Downloads, TriesTheNextMirror) {
  EXPECT_EQ(download_file(file({"/missing", "/a"})), DownloadResult::kFetched);
  EXPECT_EQ(get_file(target), content);
  EXPECT_EQ(server.requests(), (std::vector<std::string>{"/missing", "/a"}));
}

TEST_F(Downloads, FollowsRedirections) {
  server.redirects["/old"] = server.url("/a");
  EXPECT_EQ(download_file(file({"/old"})), DownloadResult::kFetched);
  server.redirects["/file"] = "file:///etc/passwd";
  std::filesystem::remove(target);
  EXPECT_NE(failure(file({"/file"})).find("rotocol"), std::string::npos);
}

TEST_F(Downloads, RefusesTheWrongContent) {
  put_file(target, "old");
  std::string wrong = content;
  wrong[100] ^= 1;
  server.files["/wrong"] = wrong;
  EXPECT_EQ(failure(file({"/wrong", "/missing"})),
            "download: " + target.string() + " expected from one of 2 mirrors, got none (" +
                server.url("/wrong") + ": SHA-256 " + sha256_of(wrong) + " instead of " +
                sha256_of(content) + "; " + server.url("/missing") + ": HTTP status 404)");
  EXPECT_EQ(get_file(target), "old");
  EXPECT_FALSE(std::filesystem::exists(part));
  download_file(file({"/wrong", "/a"}));
  EXPECT_EQ(get_file(target), content);
}

TEST_F(Downloads, RefusesTheWrongLength) {
  server.files["/long"] = content + "more";
  server.files["/short"] = content.substr(0, 10);
  EXPECT_NE(failure(file({"/long"})).find(": more than 200000 bytes)"), std::string::npos);
  std::filesystem::remove(part);
  EXPECT_NE(failure(file({"/short"}), {.tries = 1}).find(": only 10 of 200000 bytes)"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Downloads, NamesAServerThatIsNotThere) {
  Download download = file();
  download.urls = {"http://127.0.0.1:1/a", "gopher://127.0.0.1/a"};
  const std::string message = failure(download);
  EXPECT_NE(message.find("http://127.0.0.1:1/a: Failed to connect"), std::string::npos) << message;
  EXPECT_NE(message.find("gopher://127.0.0.1/a: "), std::string::npos) << message;
  EXPECT_FALSE(std::filesystem::exists(part));
}

TEST_F(Downloads, StopsWhenTold) {
  const DownloadOptions options{
      .progress = [](const DownloadProgress& progress) { return progress.done == 0; }};
  EXPECT_TRUE(
      failure(file(), options)
          .starts_with("download: " + target.string() + " expected to go on, got stopped after "));
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Downloads, LetsExceptionsOfTheCallbackThrough) {
  const DownloadOptions options{
      .progress = [](const DownloadProgress&) -> bool { throw std::runtime_error("mine"); }};
  EXPECT_THROW(download_file(file(), options), std::runtime_error);
}

TEST_F(Downloads, SaysThatAPartCannotBeForgotten) {
  PartFile writer(target);
  truncate_fails = true;
  const std::string message = message_of<IoError>([&] { writer.clear(); });
  truncate_fails = false;
  EXPECT_EQ(message, "download: " + part.string() +
                         " expected to be written, got \"Input/output error\" (truncate)");
}

TEST_F(Downloads, AreWrittenByOneProcessAtATime) {
  const PartFile writer(target);
  EXPECT_EQ(failure(file()), "download: " + part.string() +
                                 " expected no other writer, got one: another download is under "
                                 "way");
}

TEST_F(Downloads, NamesAPlaceThatCannotBe) {
  put_file(dir / "sub", "a file");
  EXPECT_EQ(failure(file()), "download: " + part.string() +
                                 " expected to be written, got \"Not a directory\" (making the "
                                 "directory)");
}

TEST_F(Downloads, FetchWholeDataSets) {
  DataSetInfo info = data_set("fashion-mnist");
  info.mirrors = {server.url("/none/"), server.url("/data/")};
  for (PublishedFile& data_file : info.published) {
    const std::string body = "content of " + data_file.name;
    server.files["/data/" + data_file.name] = body;
    data_file.bytes = body.size();
    data_file.sha256 = sha256_of(body);
  }
  EXPECT_EQ(data_set_state(info, dir.path()).missing.size(), 4u);
  EXPECT_EQ(download_data_set(info, dir.path()), dir / "fashion-mnist");
  EXPECT_TRUE(data_set_state(info, dir.path()).complete());
  EXPECT_EQ(get_file(dir / "fashion-mnist/t10k-labels-idx1-ubyte.gz"),
            "content of t10k-labels-idx1-ubyte.gz");
}

}  // namespace
}  // namespace fovea::vision
