#include "fovea/io/tensors/pickle.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

namespace {

// A state dict takes some 30 values a tensor; a hostile pickle makes one with each byte.
constexpr std::size_t kMostValues = 1'000'000;
constexpr std::size_t kLongestInteger = 8;

// Opcodes that are refused, by name: those that call, build or fetch what is no plain data.
struct OpcodeName {
  unsigned char code;
  std::string_view name;
};
constexpr std::array<OpcodeName, 24> kRefused = {{
    {'0', "POP"},        {'1', "POP_MARK"},    {'2', "DUP"},          {'F', "FLOAT"},
    {'I', "INT"},        {'L', "LONG"},        {'P', "PERSID"},       {'S', "STRING"},
    {'V', "UNICODE"},    {'d', "DICT"},        {'g', "GET"},          {'i', "INST"},
    {'l', "LIST"},       {'o', "OBJ"},         {'p', "PUT"},          {0x82, "EXT1"},
    {0x83, "EXT2"},      {0x84, "EXT4"},       {0x8b, "LONG4"},       {0x8d, "BINUNICODE8"},
    {0x92, "NEWOBJ_EX"}, {0x96, "BYTEARRAY8"}, {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"},
}};

std::string words_for_opcode(unsigned char code) {
  const std::byte byte{code};
  std::string hex = "0x" + hex_of(std::span(&byte, 1), 1);
  for (const OpcodeName& refused : kRefused)
    if (refused.code == code) return str(refused.name, " (", hex, ")");
  return hex;
}

/// What to do about an object of a program's own: only that program can say what its weights are.
/// Storages of other dtypes are no such objects.
std::string_view advice_for(std::string_view name) {
  return name.ends_with("Storage") ? ""
                                   : "; in Python: torch.save(model.state_dict(), \"weights.pth\")";
}

// The stack machine. Every opcode makes at most one value, and nothing is ever called.
class Machine {
 public:
  Machine(std::span<const std::byte> content, std::size_t at,
          std::span<const std::string_view> names, const std::string& where)
      : content_(content), at_(at), names_(names), where_(where) {}

  Pickle run() {
    for (;;) {
      opcode_byte_ = at_;
      const auto code = static_cast<unsigned char>(number<std::uint8_t>());
      if (code == '.') break;
      step(code);
    }
    need(stack_.size() == 1 && marks_.empty(), "one value at the end", stack_.size());
    pickle_.root = stack_.back();
    return std::move(pickle_);
  }
  std::size_t position() const { return at_; }

 private:
  template <class Expected, class Got>
  [[noreturn]] void fail(const Expected& expected, const Got& got,
                         std::string_view advice = {}) const {
    throw ParseError(str("pth: pickle expected ", expected, ", got ", got, " (", where_, ", byte ",
                         opcode_byte_, ")", advice));
  }
  template <class Got>
  void need(bool ok, std::string_view expected, const Got& got) const {
    if (!ok) fail(expected, got);
  }

  void step(unsigned char code) {
    if (read_scalar(code) || build_container(code) || use_memo(code)) return;
    switch (code) {
      case 'c': {
        const std::string module = line();
        push_name(module + "." + line());
        break;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string name = take(PickleKind::kText).text;
        push_name(take(PickleKind::kText).text + "." + name);
        break;
      }
      case 'R':
      case 0x81: {  // NEWOBJ: the same, of a class
        const PickleIndex arguments = pop();
        need(value(arguments).kind == PickleKind::kTuple, "a tuple of arguments",
             words_for(value(arguments).kind));
        const std::string name = take(PickleKind::kName).text;
        push({.kind = PickleKind::kCall, .text = name, .argument = arguments});
        break;
      }
      case 'Q':
        push({.kind = PickleKind::kReference, .argument = pop()});
        break;
      case 'b':  // BUILD: an object's attributes, which no weight is among
        pop();
        need(value(top()).kind == PickleKind::kCall, "an object to set attributes of",
             words_for(value(top()).kind));
        break;
      case 0x80: {
        const int protocol = number<std::uint8_t>();
        need(protocol >= 2 && protocol <= 5, "protocol 2 to 5", protocol);
        break;
      }
      case 0x95:  // FRAME: a hint for who reads in pieces
        (void)number<std::uint64_t>();
        break;
      default:
        fail("opcodes of plain data", words_for_opcode(code));
    }
  }

  bool read_scalar(unsigned char code) {
    switch (code) {
      case 'N':
        return push({});
      case 0x88:
      case 0x89:
        return push({.kind = PickleKind::kBool, .integer = code == 0x88});
      case 'K':
        return push_integer(number<std::uint8_t>());
      case 'M':
        return push_integer(number<std::uint16_t>());
      case 'J':
        return push_integer(static_cast<std::int32_t>(number<std::uint32_t>()));
      case 0x8a: {
        const std::size_t length = number<std::uint8_t>();
        need(length <= kLongestInteger, "an integer of at most 8 bytes", length);
        return push_integer(signed_number(length));
      }
      case 'G':
        (void)number<std::uint64_t>();
        return push({.kind = PickleKind::kReal});
      case 'X':
      case 'T':
        return push_text(number<std::uint32_t>());
      case 0x8c:
      case 'U':
        return push_text(number<std::uint8_t>());
      case 'B':
        return push_bytes(number<std::uint32_t>());
      case 'C':
        return push_bytes(number<std::uint8_t>());
      case 0x8e:
        return push_bytes(number<std::uint64_t>());
      default:
        return false;
    }
  }

  bool build_container(unsigned char code) {
    switch (code) {
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case ')':
        return push({.kind = PickleKind::kTuple});
      case ']':
        return push({.kind = PickleKind::kList});
      case '}':
        return push({.kind = PickleKind::kDict});
      case 0x8f:
        return push({.kind = PickleKind::kSet});
      case 0x90:  // ADDITEMS
        return add_to_set(pop_to_mark());
      case 0x91:  // FROZENSET
        return push({.kind = PickleKind::kSet, .items = pop_to_mark()});
      case 0x85:
      case 0x86:
      case 0x87:
        return push({.kind = PickleKind::kTuple, .items = pop_last(code - 0x84U)});
      case 't':
        return push({.kind = PickleKind::kTuple, .items = pop_to_mark()});
      case 'a':
        return add_to_list(pop_last(1));
      case 'e':
        return add_to_list(pop_to_mark());
      case 's':
        return add_to_dict(pop_last(2));
      case 'u':
        return add_to_dict(pop_to_mark());
      default:
        return false;
    }
  }

  bool use_memo(unsigned char code) {
    switch (code) {
      case 'q':
        return remember(number<std::uint8_t>());
      case 'r':
        return remember(number<std::uint32_t>());
      case 0x94:
        return remember(static_cast<std::uint32_t>(memo_.size()));
      case 'h':
        return recall(number<std::uint8_t>());
      case 'j':
        return recall(number<std::uint32_t>());
      default:
        return false;
    }
  }

  // --- What opcodes are made of ------------------------------------------------------------------
  std::span<const std::byte> take_bytes(std::size_t count) {
    if (count > content_.size() - at_) fail(str(count, " bytes"), content_.size() - at_);
    const auto bytes = content_.subspan(at_, count);
    at_ += count;
    return bytes;
  }
  template <class T>
  T number() {
    return load_little<T>(take_bytes(sizeof(T)));
  }
  std::int64_t signed_number(std::size_t length) {
    std::uint64_t bits = 0;
    const auto bytes = take_bytes(length);
    for (std::size_t i = 0; i < length; ++i)
      bits |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    const bool negative = length > 0 && (bytes[length - 1] & std::byte{0x80}) != std::byte{0};
    if (negative && length < 8) bits |= ~std::uint64_t{0} << (8 * length);
    return static_cast<std::int64_t>(bits);
  }
  std::string text_of(std::span<const std::byte> bytes) const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string line() {
    const auto rest = content_.subspan(at_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    need(end != rest.end(), "a name's end of line", "none");
    std::string text = text_of(take_bytes(static_cast<std::size_t>(end - rest.begin())));
    ++at_;
    return text;
  }

  // --- The stack ---------------------------------------------------------------------------------
  PickleValue& value(PickleIndex index) { return pickle_.values[index]; }
  bool push(PickleValue made) {
    if (pickle_.values.size() >= kMostValues) fail(str("at most ", kMostValues, " values"), "more");
    made.byte = opcode_byte_;
    stack_.push_back(static_cast<PickleIndex>(pickle_.values.size()));
    pickle_.values.push_back(std::move(made));
    return true;
  }
  bool push_integer(std::int64_t integer) {
    return push({.kind = PickleKind::kInteger, .integer = integer});
  }
  bool push_text(std::size_t length) {
    return push({.kind = PickleKind::kText, .text = text_of(take_bytes(length))});
  }
  bool push_bytes(std::size_t length) {
    (void)take_bytes(length);
    return push({.kind = PickleKind::kBytes});
  }
  void push_name(std::string name) {
    const bool known = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (!known) fail("names that weights are made of", printable(name, 100), advice_for(name));
    push({.kind = PickleKind::kName, .text = std::move(name)});
  }
  // How much of the stack an opcode may take: nothing from below the last mark.
  std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  PickleIndex top() const {
    need(available() > 0, "a value on the stack", "none");
    return stack_.back();
  }
  PickleIndex pop() {
    const PickleIndex index = top();
    stack_.pop_back();
    return index;
  }
  PickleValue& take(PickleKind kind) {
    PickleValue& taken = value(pop());
    need(taken.kind == kind, words_for(kind), words_for(taken.kind));
    return taken;
  }
  std::vector<PickleIndex> pop_last(std::size_t count) {
    if (available() < count) fail(str(count, " values on the stack"), available());
    std::vector<PickleIndex> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }
  std::vector<PickleIndex> pop_to_mark() {
    need(!marks_.empty(), "a mark on the stack", "none");
    std::vector<PickleIndex> items = pop_last(available());
    marks_.pop_back();
    return items;
  }

  bool add_to_list(const std::vector<PickleIndex>& items) {
    PickleValue& list = value(top());
    need(list.kind == PickleKind::kList, words_for(PickleKind::kList), words_for(list.kind));
    list.items.insert(list.items.end(), items.begin(), items.end());
    return true;
  }
  bool add_to_set(const std::vector<PickleIndex>& items) {
    PickleValue& set = value(top());
    need(set.kind == PickleKind::kSet, words_for(PickleKind::kSet), words_for(set.kind));
    set.items.insert(set.items.end(), items.begin(), items.end());
    return true;
  }
  bool add_to_dict(const std::vector<PickleIndex>& items) {
    PickleValue& dict = value(top());
    // A call, because an OrderedDict is made by one and then filled.
    need(dict.kind == PickleKind::kDict || dict.kind == PickleKind::kCall,
         words_for(PickleKind::kDict), words_for(dict.kind));
    if (items.size() % 2 != 0) fail("keys with values", str(items.size(), " items"));
    dict.items.insert(dict.items.end(), items.begin(), items.end());
    return true;
  }
  bool remember(std::uint32_t number) {
    memo_[number] = top();
    return true;
  }
  bool recall(std::uint32_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) fail("a value remembered before", str("none by number ", number));
    stack_.push_back(found->second);
    return true;
  }

  std::span<const std::byte> content_;
  std::size_t at_;
  std::span<const std::string_view> names_;
  const std::string& where_;
  std::size_t opcode_byte_ = 0;
  Pickle pickle_;
  std::vector<PickleIndex> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack when the marks were set
  std::unordered_map<std::uint32_t, PickleIndex> memo_;
};

}  // namespace

std::string_view words_for(PickleKind kind) {
  constexpr std::array<std::string_view, 13> kWords = {
      "None",   "a bool", "an integer", "a real number", "text",      "bytes",      "a tuple",
      "a list", "a set",  "a dict",     "a name",        "an object", "a reference"};
  return kWords[static_cast<std::size_t>(kind)];
}

Pickle read_pickle(std::span<const std::byte> content, std::size_t& at,
                   std::span<const std::string_view> names, const std::string& where) {
  Machine machine(content, at, names, where);
  Pickle pickle = machine.run();
  at = machine.position();
  return pickle;
}

}  // namespace fovea::io
