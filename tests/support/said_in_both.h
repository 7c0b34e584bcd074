// What errors say in Korean.
#pragma once

#include <string>

#include "fovea/core/language.h"

namespace fovea::test {

/// The Korean message of the error that `f` throws; no error is a message of its own.
template <class F>
std::string korean_message_of(const F& f) {
  try {
    f();
  } catch (const SaidInBoth& error) {
    return error.message().korean;
  }
  return "nothing was thrown";
}

}  // namespace fovea::test
