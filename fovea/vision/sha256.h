// SHA-256, to tell whether a file is the one it should be.
// Source   FIPS 180-4, through OpenSSL's libcrypto.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace fovea::vision {

/// The SHA-256 of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  /// Adds bytes.
  void update(std::span<const std::byte> bytes);
  /// The digest as 64 hexadecimal digits. Call once, at the end.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// The SHA-256 of a file, which is read piece by piece. Throws IoError.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace fovea::vision
