#include "fovea/io/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/tensor_file.h"
#include "tests/support/child.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace {
/// Calls of fsync that still succeed; a disk that goes away is not at hand.
int syncs_left = 1000000;
}  // namespace

/// The whole program's, so that a test can have one that fails.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): theirs is reserved
extern "C" int fsync(int descriptor) {
  if (syncs_left-- > 0) return static_cast<int>(::syscall(SYS_fsync, descriptor));
  errno = EIO;
  return -1;
}

namespace fovea::io {
namespace {

using test::get_file;
using test::in_child;
using test::message_of;
using test::put_file;
using test::TempDir;

// Mounts a file system in memory over `path`, for this process alone. False where that is
// forbidden.
bool mount_memory(const std::filesystem::path& path, const char* options, unsigned long flags = 0) {
  const int spaces = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS;
  if (::unshare(spaces) != 0) return false;
  (void)::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return ::mount("tmpfs", path.c_str(), "tmpfs", flags, options) == 0;
}

TEST(WriteFile, WritesAndReplaces) {
  const TempDir dir;
  write_file(dir / "a", "first");
  EXPECT_EQ(get_file(dir / "a"), "first");
  write_file(dir / "a", "second, longer");
  EXPECT_EQ(get_file(dir / "a"), "second, longer");
  write_file(dir / "a", "");
  EXPECT_EQ(get_file(dir / "a"), "");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
}

TEST(WriteFile, TakesAPathWithoutDirectory) {
  const TempDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  write_file("plain", "x");
  std::filesystem::current_path(before);
  EXPECT_EQ(get_file(dir / "plain"), "x");
}

TEST(WriteFile, TakesTheLongestNames) {
  const TempDir dir;
  const std::string name(255, 'n');
  write_file(dir / name, "x");
  EXPECT_EQ(get_file(dir / name), "x");
}

TEST(AtomicFile, ShowsNothingBeforeCommit) {
  const TempDir dir;
  put_file(dir / "a", "old");
  {
    AtomicFile file(dir / "a");
    file.write("new");
    EXPECT_EQ(get_file(dir / "a"), "old");
  }
  EXPECT_EQ(get_file(dir / "a"), "old");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, CannotBeUsedAfterCommit) {
  const TempDir dir;
  AtomicFile file(dir / "a");
  file.commit();
  EXPECT_EQ(message_of<StateError>([&] { file.write("x"); }),
            "write_file: " + (dir / "a").string() +
                " expected to be open, got a file that was committed or failed");
}

TEST(AtomicFile, KeepsPermissions) {
  const TempDir dir;
  put_file(dir / "a", "old");
  ASSERT_EQ(::chmod((dir / "a").c_str(), 0640), 0);
  write_file(dir / "a", "new");
  struct stat info {};
  ASSERT_EQ(::stat((dir / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST(AtomicFile, FollowsLinks) {
  const TempDir dir;
  put_file(dir / "there/target", "old");
  std::filesystem::create_symlink("there/target", dir / "link");
  write_file(dir / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link"));
  EXPECT_EQ(get_file(dir / "there/target"), "new");
}

TEST(WriteFile, NamesTheReason) {
  const TempDir dir;
  const std::string missing = (dir / "no/such/a").string();
  EXPECT_EQ(message_of<IoError>([&] { write_file(missing, "x"); }),
            "write_file: " + missing +
                " expected to be written, got \"No such file or directory\" (open after 0 bytes)");
  EXPECT_EQ(message_of<IoError>([&] { write_file(dir.path(), "x"); }),
            "write_file: " + dir.path().string() +
                " expected to be written, got \"Is a directory\" (open after 0 bytes)");
}

TEST(WriteFile, WritesDevicesDirectly) {
  write_file("/dev/null", "x");
  EXPECT_EQ(message_of<IoError>([] { write_file("/dev/full", "x"); }),
            "write_file: /dev/full expected to be written, got \"No space left on device\" (write "
            "after 0 bytes)");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(WriteFile, LeavesNothingWhenTheDirectoryIsReadOnly) {
  const TempDir dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0555));
  const std::string target = (dir / "a").string();
  const std::string message = in_child([&] {
    // Root may write anywhere; nobody may not.
    if (::geteuid() == 0 && ::setuid(65534) != 0) return std::string("cannot become nobody");
    return message_of<IoError>([&] { write_file(target, "x"); });
  });
  EXPECT_EQ(message, "write_file: " + target +
                         " expected to be written, got \"Permission denied\" (open after 0 bytes)");
  EXPECT_TRUE(dir.names().empty());
}

TEST(WriteFile, LeavesTheOldFileWhenTheDiskIsFull) {
  const TempDir dir;
  const std::string target = (dir / "a").string();
  const std::string message = in_child([&] {
    if (!mount_memory(dir.path(), "size=64k")) return std::string("forbidden");
    write_file(target, "old");
    const std::string large(1 << 20, 'x');
    const std::string text = message_of<IoError>([&] { write_file(target, large); });
    return text + "|" + get_file(target) + "|" + str(dir.names().size());
  });
  if (message == "forbidden") GTEST_SKIP() << "mounting is forbidden here";
  EXPECT_TRUE(message.starts_with("write_file: " + target +
                                  " expected to be written, got \"No space left on device\" (write "
                                  "after "))
      << message;
  EXPECT_TRUE(message.ends_with(" bytes)|old|1")) << message;
}

TEST(WriteFile, LeavesTheOldFileWhenTheFileGrowsTooLarge) {
  const TempDir dir;
  const std::string target = (dir / "a").string();
  put_file(target, "old");
  const std::string message = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return message_of<IoError>([&] { write_file(target, std::string(10000, 'x')); });
  });
  EXPECT_EQ(message,
            "write_file: " + target +
                " expected to be written, got \"File too large\" (write after 4096 bytes)");
  EXPECT_EQ(get_file(target), "old");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
}

TEST(WriteFile, NamesAReadOnlyFileSystem) {
  const TempDir dir;
  const std::string target = (dir / "a").string();
  const std::string message = in_child([&] {
    if (!mount_memory(dir.path(), "size=64k", MS_RDONLY)) return std::string("forbidden");
    return message_of<IoError>([&] { write_file(target, "x"); });
  });
  if (message == "forbidden") GTEST_SKIP() << "mounting is forbidden here";
  EXPECT_EQ(message,
            "write_file: " + target +
                " expected to be written, got \"Read-only file system\" (open after 0 bytes)");
}

TEST(PublishFile, RenamesOrSaysWhy) {
  const TempDir dir;
  put_file(dir / "a.part", "whole");
  publish_file(dir / "a.part", dir / "a");
  EXPECT_EQ(get_file(dir / "a"), "whole");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
  EXPECT_EQ(message_of<IoError>([&] { publish_file(dir / "b.part", dir / "b"); }),
            "write_file: " + (dir / "b").string() +
                " expected to be written, got \"No such file or directory\" (open of " +
                (dir / "b.part").string() + ")");
}

TEST(WriteFile, SaysThatADiskDidNotKeepIt) {
  const TempDir dir;
  const std::string target = (dir / "a").string();
  put_file(target, "old");
  const auto message = [&](int syncs) {
    syncs_left = syncs;
    std::string text = message_of<IoError>([&] { write_file(target, "new"); });
    syncs_left = 1000000;
    return text;
  };
  EXPECT_EQ(message(0), "write_file: " + target +
                            " expected to be written, got \"Input/output error\" (sync after 3 "
                            "bytes)");
  EXPECT_EQ(get_file(target), "old");
  EXPECT_EQ(message(1), "write_file: " + target +
                            " expected to be written, got \"Input/output error\" (sync of the "
                            "directory after 3 bytes)");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
}

TEST(WriteFile, SaysThatAFolderTookTheName) {
  const TempDir dir;
  const std::string target = (dir / "a").string();
  AtomicFile file(target);
  file.write("new");
  std::filesystem::create_directory(target);
  EXPECT_EQ(message_of<IoError>([&] { file.commit(); }),
            "write_file: " + target +
                " expected to be written, got \"Is a directory\" (rename after 3 bytes)");
  EXPECT_EQ(dir.names(), std::vector<std::string>{"a"});
}

TEST(PublishFile, SaysWhichStepFailed) {
  const TempDir dir;
  const std::string from = (dir / "a.part").string(), to = (dir / "a").string();
  put_file(from, "whole");
  const auto message = [&](int syncs) {
    syncs_left = syncs;
    std::string text = message_of<IoError>([&] { publish_file(from, to); });
    syncs_left = 1000000;
    return text;
  };
  const std::string start = "write_file: " + to + " expected to be written, got ";
  EXPECT_EQ(message(0), start + "\"Input/output error\" (sync of " + from + ")");
  EXPECT_EQ(message(1), start + "\"Input/output error\" (sync of the directory of " + from + ")");
  put_file(from, "whole");
  std::filesystem::remove(to);
  std::filesystem::create_directory(to);
  EXPECT_EQ(message(1000000), start + "\"Is a directory\" (rename of " + from + ")");
}

TEST(ReadFile, ReadsAllOrParts) {
  const TempDir dir;
  put_file(dir / "a", "0123456789");
  EXPECT_EQ(read_text(dir / "a"), "0123456789");
  const InputFile file(dir / "a");
  EXPECT_EQ(file.size(), 10u);
  EXPECT_TRUE(file.is_regular());
  std::byte part[3];
  file.read_at(7, part);
  EXPECT_EQ(test::as_text(part), "789");
  EXPECT_EQ(message_of<IoError>([&] { file.read_at(8, part); }),
            "read_file: " + (dir / "a").string() + " expected 1 bytes more, got its end (byte 10)");
  put_file(dir / "empty", "");
  EXPECT_EQ(read_text(dir / "empty"), "");
}

TEST(ReadFile, ReadsFilesWithoutALength) {
  EXPECT_TRUE(read_text("/proc/self/status").starts_with("Name:"));
  EXPECT_EQ(message_of<IoError>([] { read_file("/dev/zero", 100000); }),
            "read_file: /dev/zero expected at most 100000 bytes, got more");
}

// What never ends is not read until memory does.
TEST(ReadFile, TakesLittleFromADevice) {
  EXPECT_EQ(message_of<IoError>([] { read_file("/dev/zero"); }),
            "read_file: /dev/zero expected at most 1048576 bytes, got more");
  EXPECT_EQ(read_text("/dev/null"), "");
}

TEST(ReadFile, ShowsTheHeadBeforeItReadsOn) {
  const TempDir dir;
  put_file(dir / "a", "0123456789");
  put_file(dir / "long", std::string(3 * kHeadBytes, 'x'));
  std::size_t seen = 0;
  const CheckHead check_head = [&](std::span<const std::byte> head) {
    seen = head.size();
    return kAnyLength;
  };
  EXPECT_EQ(InputFile(dir / "a").read_all(kMaxFileBytes, check_head).size(), 10u);
  EXPECT_EQ(seen, 10u);
  EXPECT_EQ(InputFile(dir / "long").read_all(kMaxFileBytes, check_head).size(), 3 * kHeadBytes);
  EXPECT_EQ(seen, kHeadBytes);
  const auto refuse = [](std::span<const std::byte>) -> std::uint64_t {
    throw ParseError("no such thing");
  };
  EXPECT_EQ(message_of<ParseError>([&] { InputFile("/dev/zero").read_all(kMaxFileBytes, refuse); }),
            "no such thing");
  EXPECT_EQ(message_of<ParseError>([&] { InputFile(dir / "long").read_all(1 << 30, refuse); }),
            "no such thing");
}

/// A pipe out of which zeros come for ever; its writer ends when nobody reads any more.
class EndlessPipe {
 public:
  explicit EndlessPipe(std::filesystem::path path, const std::string& beginning = {})
      : path_(std::move(path)) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    std::signal(SIGPIPE, SIG_IGN);
    writer_ = std::thread([this, beginning] {
      const int pipe = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
      std::string piece = beginning + std::string(65536, '\0');
      while (::write(pipe, piece.data(), piece.size()) > 0) piece.assign(65536, '\0');
      ::close(pipe);
    });
  }
  ~EndlessPipe() {
    writer_.join();
    std::signal(SIGPIPE, SIG_DFL);
  }
  EndlessPipe(const EndlessPipe&) = delete;
  EndlessPipe& operator=(const EndlessPipe&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::thread writer_;
};

// What comes out of a pipe is read as far as its own beginning says, and asked again when that has
// a length of its own.
TEST(ReadFile, ReadsAPipeAsFarAsItsHeadSays) {
  const TempDir dir;
  const EndlessPipe pipe(dir / "pipe");
  std::vector<std::size_t> seen;
  const CheckHead check_head = [&](std::span<const std::byte> head) -> std::uint64_t {
    seen.push_back(head.size());
    return seen.size() == 1 ? 200'000 : 150'000;
  };
  EXPECT_EQ(
      message_of<IoError>([&] { InputFile(pipe.path()).read_all(kMaxFileBytes, check_head); }),
      "read_file: " + pipe.path().string() + " expected at most 150000 bytes, got more");
  EXPECT_THAT(seen, testing::ElementsAre(kHeadBytes, 200'000));
}

// Weights with zeros behind them, without an end; their header is longer than a head.
TEST(ReadFile, ReadsWeightsOfAPipeAsFarAsTheirHeaderSays) {
  const TempDir dir;
  std::string text = R"({"__metadata__":{"x":")" + std::string(10'000, 'x') + R"("},)" +
                     R"("a":{"dtype":"U8","shape":[300000],"data_offsets":[0,300000]}})";
  const std::uint64_t length = text.size();
  const EndlessPipe pipe(dir / "pipe",
                         std::string(reinterpret_cast<const char*>(&length), 8) + text);
  EXPECT_EQ(message_of<IoError>([&] { TensorFile(pipe.path()); }),
            "read_file: " + pipe.path().string() + " expected at most " +
                std::to_string(8 + length + 300'000) + " bytes, got more");
}

// Nothing in the head of an archive says how long it is.
TEST(ReadFile, TakesAnArchiveOfAPipeUpToALimit) {
  const TempDir dir;
  const EndlessPipe pipe(dir / "pipe", "PK\x03\x04");
  EXPECT_EQ(message_of<IoError>([&] { TensorFile(pipe.path()); }),
            "read_file: " + pipe.path().string() + " expected at most 1073741824 bytes, got more");
}

TEST(ReadFile, NamesTheReason) {
  const TempDir dir;
  put_file(dir / "a", "0123456789");
  EXPECT_EQ(message_of<IoError>([&] { read_file(dir / "a", 9); }),
            "read_file: " + (dir / "a").string() + " expected at most 9 bytes, got 10");
  EXPECT_EQ(message_of<IoError>([&] { read_file(dir / "no"); }),
            "read_file: " + (dir / "no").string() +
                " expected to be readable, got \"No such file or directory\"");
  EXPECT_EQ(
      message_of<IoError>([&] { read_file(dir.path()); }),
      "read_file: " + dir.path().string() + " expected to be readable, got \"Is a directory\"");
}

}  // namespace
}  // namespace fovea::io
