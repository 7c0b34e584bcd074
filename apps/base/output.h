// What a command writes: data on standard output, messages on standard error.
//
// Data that cannot be written is an error, with the code for input and output. A message that
// cannot be written is nothing: it stops no work and changes no exit code.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace fovea::cli {

/// Opens what of the standard streams is closed, so that no file of ours gets the number of one and
/// messages into it. Writing to it still fails. To be called before anything is opened.
void occupy_standard_streams();

/// Whether standard output was closed when the process began: nobody can be waiting for anything on
/// it.
bool output_is_closed();
/// Writes to standard output. When its reader has gone away, the process ends as SIGPIPE ends it.
/// Throws IoError.
void write_output(std::string_view text);
/// Writes what is still buffered for standard output. Throws IoError, unless write_output has done
/// so.
void flush_output();
/// Writes to standard error, if that can be done.
void write_message(std::string_view text) noexcept;

/// write_output of formatted text.
template <class... Parts>
void put(fmt::format_string<Parts...> format, Parts&&... parts) {
  write_output(fmt::format(format, std::forward<Parts>(parts)...));
}
/// write_message of formatted text.
template <class... Parts>
void say(fmt::format_string<Parts...> format, Parts&&... parts) {
  write_message(fmt::format(format, std::forward<Parts>(parts)...));
}

}  // namespace fovea::cli
