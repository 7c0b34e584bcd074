// How a walk is shown: the flags that every topic of fovea explain has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/base/command.h"
#include "fovea/core/error.h"
#include "fovea/explain/walk.h"

namespace fovea::cli {

/// The flags --format, --output, --lang and --step.
struct ShowFlags {
  std::string format;                ///< --format; empty: by --output, else text
  std::string output;                ///< --output; empty: standard output
  std::string language;              ///< --lang; empty: the environment's
  std::optional<std::int64_t> step;  ///< --step
};

/// Whether a topic has stops, of which one may be asked for.
enum class Steps : std::uint8_t { kNone, kSome };

/// Adds them; --step for topics with stops. `flags` must live as long as the command.
void add_show_flags(Command& command, ShowFlags& flags, Steps steps);
/// Throws   UsageError when they contradict each other. To be called before anything is computed.
void check_show_flags(const ShowFlags& flags);

/// Throws UsageError with the message of `error`, see asked_for.
[[noreturn]] void refuse(const Error& error);

/// What `make()` returns. What it refuses was asked for by flags: an ArgumentError, IndexError or
/// ShapeError becomes a UsageError, without the "explain NAME: " that the command's own name says.
template <class F>
explain::Walk asked_for(const F& make) {
  try {
    return make();
  } catch (const ArgumentError& error) {
    refuse(error);
  } catch (const IndexError& error) {
    refuse(error);
  } catch (const ShapeError& error) {
    refuse(error);
  }
}

/// Prints a walk, or writes it to a file whole, and returns the exit code.
/// Throws   UsageError where it has no such step; IoError.
int show(explain::Walk walk, const ShowFlags& flags);

/// The language that the flags or else the environment say.
Language language_of(const ShowFlags& flags);

}  // namespace fovea::cli
