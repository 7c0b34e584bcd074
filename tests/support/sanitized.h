// Whether this is a sanitizer's build: it keeps memory of its own, and has a new and delete of its
// own.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FOVEA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)  // Clang's words for it
#define FOVEA_SANITIZED 1
#endif
#endif
#ifndef FOVEA_SANITIZED
#define FOVEA_SANITIZED 0
#endif

namespace fovea::test {

inline constexpr bool kSanitized = FOVEA_SANITIZED;  ///< see the head of this file

}  // namespace fovea::test
