#include "fovea/train/patient_writer.h"

#include <algorithm>
#include <thread>

#include "fovea/core/error.h"

namespace fovea::train {

namespace {

constexpr int kTries = 4;  // before a training ends that does not wait

}  // namespace

/// After a pause, which a stop cuts short.
bool PatientWriter::may_try_again(int tries) const {
  if (on_full_ == OnFull::kStop && tries >= kTries) return false;
  const auto end = std::chrono::steady_clock::now() + pause_;
  while (std::chrono::steady_clock::now() < end) {
    // Who stops a training that waits for room gives up what cannot be written.
    if (on_full_ == OnFull::kWait && stop_ != nullptr && *stop_) return false;
    std::this_thread::sleep_for(std::min(pause_, std::chrono::milliseconds(100)));
  }
  return true;
}

void PatientWriter::write(const std::function<void()>& write) const {
  for (int tries = 1;; ++tries) {
    try {
      write();
      if (tries > 1 && tell_) tell_("train: written, it goes on");
      return;
    } catch (const IoError& error) {
      if (tries == 1 && tell_)
        tell_(str("warning: ", error.what(), "; it is tried again",
                  on_full_ == OnFull::kWait ? " until there is room" : ""));
      if (!may_try_again(tries)) throw;
    }
  }
}

}  // namespace fovea::train
