#include "apps/base/exit_code.h"

#include <algorithm>
#include <filesystem>
#include <new>

namespace fovea::cli {

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

namespace {

/// The code of one of Fovea's own errors.
ExitCode code_of(const Error& error) {
  const auto is = [&error]<class E>(std::type_identity<E>) {
    return dynamic_cast<const E*>(&error) != nullptr;
  };
  if (is(std::type_identity<UsageError>())) return kExitUsage;
  // Arguments come from flags or a configuration; what comes from a file is a ParseError.
  if (is(std::type_identity<ArgumentError>())) return kExitUsage;
  if (is(std::type_identity<DeviceError>())) return kExitUsage;
  if (is(std::type_identity<ParseError>())) return kExitBadInput;
  // Data whose shape, type or labels do not fit the model.
  if (is(std::type_identity<ShapeError>())) return kExitBadInput;
  if (is(std::type_identity<DTypeError>())) return kExitBadInput;
  if (is(std::type_identity<IndexError>())) return kExitBadInput;
  if (is(std::type_identity<IoError>())) return kExitIo;
  if (is(std::type_identity<NumericError>())) return kExitNumeric;
  if (is(std::type_identity<DistError>())) return kExitRankFailed;
  return kExitInternal;
}

}  // namespace

Failure describe_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    const auto* const both = dynamic_cast<const SaidInBoth*>(&known);
    return {code_of(known), both != nullptr ? Text(one_line(both->message().english),
                                                   one_line(both->message().korean))
                                            : Text(one_line(known.what()))};
  } catch (const std::bad_alloc&) {
    return {kExitMemory,
            {"out of memory; a smaller --batch-size needs less",
             "메모리가 부족합니다. --batch-size를 줄이면 덜 듭니다"}};
  } catch (const std::filesystem::filesystem_error& failed) {
    return {kExitIo, one_line(failed.what())};
  } catch (const std::exception& unknown) {
    return {kExitInternal, one_line(str("internal error: ", unknown.what()))};
  } catch (...) {
    return {kExitInternal, Text("internal error: an unknown exception")};
  }
}

}  // namespace fovea::cli
