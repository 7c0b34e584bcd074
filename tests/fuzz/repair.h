// Checksums of made-up files set right: a fuzzer that cannot guess a CRC gets no further than to
// its check, and the code behind it would be looked at by nobody.
#pragma once

#include <cstddef>
#include <span>

namespace fovea::fuzz {

/// Sets the CRC-32 of each entry that a ZIP directory in `content` describes, as far as the entry's
/// data is there and unpacks.
void repair_zip(std::span<std::byte> content);

/// Sets the checksum of each header of a tar archive, as far as they follow each other.
void repair_tar(std::span<std::byte> content);

}  // namespace fovea::fuzz
