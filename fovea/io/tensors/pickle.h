// Python's pickles as data: a pickle is a program for a stack machine that can call anything, and
// here it calls nothing. Reading one gives its values, among which a call is a value that names
// what the program wanted called and with what.
//
// The opcodes are those that plain containers, numbers, text and calls need, in protocols 2 to 5; a
// name that is not on the reader's list, and any other opcode, are refused where they stand.
//
// Source   Python's pickletools; PEP 307, PEP 3154.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::io {

/// A value by its number in a Pickle.
using PickleIndex = std::uint32_t;

/// What a value is.
enum class PickleKind : std::uint8_t {
  kNone,
  kBool,     ///< `integer` is 0 or 1
  kInteger,  ///< `integer`
  kReal,     ///< a floating-point number, whose value nobody asked for
  kText,     ///< `text`
  kBytes,    ///< bytes that nobody asked for
  kTuple,    ///< `items`
  kList,     ///< `items`
  kSet,      ///< `items`
  kDict,     ///< `items`: key, value, key, value, ...
  kName,     ///< `text`: "collections.OrderedDict"
  kCall,     ///< `text`: the callee's name; `argument`, a tuple; `items`: what was set, as a dict's
  kReference,  ///< `argument`: what tells the file which object outside the pickle it is
};

/// A value of a pickle.
struct PickleValue {
  PickleKind kind = PickleKind::kNone;  ///< what it is
  std::int64_t integer = 0;             ///< see PickleKind
  std::string text = {};                ///< see PickleKind
  PickleIndex argument = 0;             ///< see PickleKind
  std::vector<PickleIndex> items = {};  ///< see PickleKind
  std::size_t byte = 0;                 ///< where it was made
};

/// A pickle that was read. Values refer to each other by number, in circles too.
struct Pickle {
  std::vector<PickleValue> values;  ///< all of them
  PickleIndex root = 0;             ///< the one that the pickle is of

  /// A value by its number.
  const PickleValue& operator[](PickleIndex index) const { return values[index]; }
};

/// "a tuple": a kind in words, for messages.
std::string_view words_for(PickleKind kind);

/// Reads one pickle of `content` from byte `at` on, and moves `at` past it. `names` are those that
/// it may contain; `where` stands for the file in messages, which begin with "pth".
/// Throws   ParseError naming opcode or name, and byte.
Pickle read_pickle(std::span<const std::byte> content, std::size_t& at,
                   std::span<const std::string_view> names, const std::string& where);

}  // namespace fovea::io
