// The errors of Fovea: one type a kind of mistake, one line a message.
//
// Every message has the form "operation: what expected X, got Y (context)". A public operation
// checks everything before it changes anything, so a caught error leaves all tensors as they were.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fovea {

/// Base of everything that Fovea throws, except std::bad_alloc.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A shape, size or rank that an operation cannot take.
class ShapeError : public Error {
  using Error::Error;
};

/// A dtype that an operation does not take, or dtypes that do not match.
class DTypeError : public Error {
  using Error::Error;
};

/// Operands on different devices, or a device that is not there.
class DeviceError : public Error {
  using Error::Error;
};

/// An argument outside its range.
class ArgumentError : public Error {
  using Error::Error;
};

/// An index outside its dimension.
class IndexError : public Error {
  using Error::Error;
};

/// A call that the object's present state does not allow.
class StateError : public Error {
  using Error::Error;
};

/// A file or text that is not what it should be; the message names file and byte.
class ParseError : public Error {
  using Error::Error;
};

/// Reading or writing failed: missing, unreadable, disk full, network.
class IoError : public Error {
  using Error::Error;
};

/// A value became NaN or infinite where that cannot be right.
class NumericError : public Error {
  using Error::Error;
};

/// A rank of a distributed run failed.
class DistError : public Error {
  using Error::Error;
};

/// Concatenates its arguments as operator<< prints them.
template <class... Parts>
std::string str(const Parts&... parts) {
  std::ostringstream out;
  out << std::boolalpha;
  (out << ... << parts);
  return out.str();
}

/// Throws `E` with the arguments concatenated, unless `ok`. The arguments are formatted only on
/// failure.
template <class E, class... Parts>
void check(bool ok, const Parts&... parts) {
  if (!ok) [[unlikely]]
    throw E(str(parts...));
}

/// Stands behind a switch over all values of an enum, not a `default:`, so that the compiler
/// names the switches that a new value concerns. Throws ArgumentError: `value` is none of them.
template <class Enum>
[[noreturn]] void no_case_for(std::string_view operation, Enum value) {
  throw ArgumentError(str(operation, ": enumerator expected one of its type's, got number ",
                          static_cast<long long>(value)));
}

}  // namespace fovea
