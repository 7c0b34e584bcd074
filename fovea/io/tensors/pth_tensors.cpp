#include "fovea/io/tensors/pth_tensors.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"

namespace fovea::io {

namespace {

// Tensors may share a storage (a layer tied to another), but not so many that a small file fills
// the memory.
constexpr std::uint64_t kMostSharing = 16;

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";

struct StorageType {
  std::string_view name;
  DType dtype;
};
constexpr std::array<StorageType, 10> kStorages = {{{"torch.FloatStorage", DType::kF32},
                                                    {"torch.DoubleStorage", DType::kF64},
                                                    {"torch.HalfStorage", DType::kF16},
                                                    {"torch.BFloat16Storage", DType::kBF16},
                                                    {"torch.LongStorage", DType::kI64},
                                                    {"torch.IntStorage", DType::kI32},
                                                    {"torch.ShortStorage", DType::kI16},
                                                    {"torch.CharStorage", DType::kI8},
                                                    {"torch.ByteStorage", DType::kU8},
                                                    {"torch.BoolStorage", DType::kBool}}};

// What checkpoints hold beside weights: numbers, times, paths and settings, as values and never as
// what their names mean elsewhere.
constexpr std::string_view kBeside[] = {"__builtin__.complex",
                                        "__builtin__.frozenset",
                                        "__builtin__.int",
                                        "__builtin__.list",
                                        "__builtin__.set",
                                        "__builtin__.dict",
                                        "__builtin__.float",
                                        "__builtin__.bytearray",
                                        "_codecs.encode",
                                        "argparse.Namespace",
                                        "builtins.bytearray",
                                        "builtins.complex",
                                        "builtins.dict",
                                        "builtins.float",
                                        "builtins.frozenset",
                                        "builtins.int",
                                        "builtins.list",
                                        "builtins.set",
                                        "collections.Counter",
                                        "collections.defaultdict",
                                        "datetime.date",
                                        "datetime.datetime",
                                        "datetime.timedelta",
                                        "lightning.fabric.utilities.data.AttributeDict",
                                        "lightning.pytorch.utilities.parsing.AttributeDict",
                                        "lightning_fabric.utilities.data.AttributeDict",
                                        "numpy._core.multiarray._reconstruct",
                                        "numpy._core.multiarray.scalar",
                                        "numpy.core.multiarray._reconstruct",
                                        "numpy.core.multiarray.scalar",
                                        "numpy.dtype",
                                        "numpy.dtypes.Float32DType",
                                        "numpy.dtypes.Float64DType",
                                        "numpy.dtypes.Int64DType",
                                        "numpy.ndarray",
                                        "pathlib.PosixPath",
                                        "pathlib.PurePosixPath",
                                        "pathlib.WindowsPath",
                                        "pathlib._local.PosixPath",
                                        "pytorch_lightning.utilities.parsing.AttributeDict",
                                        "torch.Size",
                                        "torch.bfloat16",
                                        "torch.device",
                                        "torch.float16",
                                        "torch.float32",
                                        "torch.float64",
                                        "torch.int32",
                                        "torch.int64",
                                        "types.SimpleNamespace"};

// Where a checkpoint has a model's weights, the first that is there. Averages come first, as those
// who write them are judged by them: timm's load_state_dict, torchvision's reference training.
constexpr std::string_view kParts[] = {
    "state_dict_ema", "model_ema", "ema_state_dict", "ema",    "state_dict", "model_state_dict",
    "model",          "net",       "network",        "module", "weights",    "params"};

// A tensor as the pickle describes it.
struct TensorCall {
  std::string name;
  PthStorage storage;
  std::int64_t offset = 0;
  Shape sizes, strides;
  std::size_t byte = 0;
};

// Looks values up and says what is wrong with them.
class Interpreter {
 public:
  Interpreter(const Pickle& pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  /// Which part of a checkpoint has the tensors; empty for a file of nothing else.
  std::string part() const {
    const PickleValue& root = pickle_[pickle_.root];
    need(is_dict(root), "a dict of tensors by name, which is what model.state_dict() gives",
         described(root), root);
    if (const auto part = find_part(root)) return std::string(part->first);
    return {};
  }

  /// Calls `visit` with each tensor of the part.
  template <class Visit>
  void each_tensor(const Visit& visit) const {
    const PickleValue& root = pickle_[pickle_.root];
    need(is_dict(root), "a dict of tensors by name, which is what model.state_dict() gives",
         described(root), root);
    const auto part = find_part(root);
    const std::vector<PickleIndex> items = items_of(part ? *part->second : root);
    std::set<std::string_view> names;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const PickleValue& key = pickle_[items[i]];
      need(key.kind == PickleKind::kText, "a tensor's name", described(key), key);
      need(names.insert(key.text).second, str("name \"", printable(key.text), "\" once"),
           "it again", key);
      visit(tensor(key.text, pickle_[items[i + 1]]));
    }
  }

  template <class Got>
  void need(bool ok, const std::string& expected, const Got& got, const PickleValue& at) const {
    check<ParseError>(ok, "pth: file expected ", expected, ", got ", got, " (", where_, ", byte ",
                      at.byte, ")");
  }

  /// The storage of a reference.
  PthStorage storage(const PickleValue& value) const { return storage(value, "the checkpoint"); }

 private:
  /// Keys and values of a dict.
  std::vector<PickleIndex> items_of(const PickleValue& dict) const {
    std::vector<PickleIndex> items = pairs_of_call(dict);
    items.insert(items.end(), dict.items.begin(), dict.items.end());
    return items;
  }
  static bool is_tensor(const PickleValue& value) {
    return value.kind == PickleKind::kCall && (value.text == kTensor || value.text == kParameter);
  }
  /// True for a dict of tensors alone, and some.
  bool is_state_dict(const PickleValue& dict) const {
    if (!is_dict(dict)) return false;
    const std::vector<PickleIndex> items = items_of(dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
      if (pickle_[items[i]].kind != PickleKind::kText || !is_tensor(pickle_[items[i + 1]]))
        return false;
    return !items.empty();
  }
  /// The weights among what a checkpoint has by name.
  std::optional<std::pair<std::string_view, const PickleValue*>> find_part(
      const PickleValue& root) const {
    if (is_state_dict(root)) return {};
    const std::vector<PickleIndex> items = items_of(root);
    for (const std::string_view name : kParts) {
      for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const PickleValue &key = pickle_[items[i]], &value = pickle_[items[i + 1]];
        if (key.kind == PickleKind::kText && key.text == name && is_state_dict(value))
          return std::pair(name, &value);
      }
    }
    return {};
  }
  static bool is_dict(const PickleValue& value) {
    return value.kind == PickleKind::kDict ||
           (value.kind == PickleKind::kCall && value.text == kOrderedDict);
  }
  /// Keys and values that an OrderedDict is called with: Python 2 pickles it as a call with a list
  /// of pairs, Python 3 as one without arguments, whose items are set.
  std::vector<PickleIndex> pairs_of_call(const PickleValue& dict) const {
    if (dict.kind != PickleKind::kCall) return {};
    const PickleValue& arguments = pickle_[dict.argument];
    if (arguments.items.empty()) return {};
    const PickleValue& pairs = pickle_[arguments.items[0]];
    need(arguments.items.size() == 1 && is_sequence(pairs), "a dict to be made of a list of pairs",
         arguments.items.size() == 1 ? described(pairs) : str(arguments.items.size(), " arguments"),
         dict);
    std::vector<PickleIndex> items;
    for (const PickleIndex index : pairs.items) {
      const PickleValue& pair = pickle_[index];
      need(is_sequence(pair) && pair.items.size() == 2, "a pair of a name and a tensor",
           is_sequence(pair) ? str(pair.items.size(), " items") : described(pair), pair);
      items.insert(items.end(), pair.items.begin(), pair.items.end());
    }
    return items;
  }
  static bool is_sequence(const PickleValue& value) {
    return value.kind == PickleKind::kList || value.kind == PickleKind::kTuple;
  }
  static std::string described(const PickleValue& value) {
    if (is_dict(value)) return "a dict";
    if (value.kind == PickleKind::kCall || value.kind == PickleKind::kName) return value.text;
    return std::string(words_for(value.kind));
  }

  TensorCall tensor(const std::string& name, const PickleValue& value) const {
    const std::string who = str("\"", printable(name), "\"");
    if (value.kind == PickleKind::kCall && value.text == kParameter) {
      const PickleValue& data = argument(value, 0, who);
      need(data.kind == PickleKind::kCall && data.text == kTensor, who + " to be made of a tensor",
           described(data), data);
      return tensor(name, data);
    }
    need(value.kind == PickleKind::kCall && value.text == kTensor, who + " to be a tensor",
         described(value), value);
    TensorCall call{.name = name,
                    .storage = storage(argument(value, 0, who), who),
                    .offset = integer(argument(value, 1, who), "offset of " + who),
                    .sizes = sizes(argument(value, 2, who), "sizes of " + who),
                    .strides = sizes(argument(value, 3, who), "strides of " + who),
                    .byte = value.byte};
    check_bounds(call, value, who);
    return call;
  }

  const PickleValue& argument(const PickleValue& call, std::size_t i,
                              const std::string& who) const {
    const PickleValue& arguments = pickle_[call.argument];
    need(i < arguments.items.size(), str("argument ", i, " of ", call.text, " for ", who), "none",
         call);
    return pickle_[arguments.items[i]];
  }

  std::int64_t integer(const PickleValue& value, const std::string& what) const {
    need(value.kind == PickleKind::kInteger && value.integer >= 0,
         what + " to be a whole number from 0",
         value.kind == PickleKind::kInteger ? str(value.integer) : described(value), value);
    return value.integer;
  }

  Shape sizes(const PickleValue& value, const std::string& what) const {
    need(value.kind == PickleKind::kTuple, what + " to be a tuple", described(value), value);
    need(value.items.size() <= kMaxDims, str(what, " to be at most ", kMaxDims), value.items.size(),
         value);
    Shape result;
    for (const PickleIndex item : value.items) result.push_back(integer(pickle_[item], what));
    return result;
  }

  // ('storage', torch.FloatStorage, KEY, device, elements), and in older files a view of it or
  // None.
  PthStorage storage(const PickleValue& value, const std::string& who) const {
    need(value.kind == PickleKind::kReference, "a storage for " + who, described(value), value);
    const PickleValue& tuple = pickle_[value.argument];
    need(tuple.kind == PickleKind::kTuple && tuple.items.size() >= 5, "a storage for " + who,
         "another reference", value);
    const auto item = [&](std::size_t i) -> const PickleValue& { return pickle_[tuple.items[i]]; };
    need(item(0).kind == PickleKind::kText && item(0).text == "storage", "a storage for " + who,
         "another reference", value);
    need(item(2).kind == PickleKind::kText, "a storage's key for " + who, described(item(2)),
         value);
    need(tuple.items.size() == 5 || item(5).kind == PickleKind::kNone,
         "a storage of its own for " + who, "a view of another", value);
    const auto type = std::find_if(kStorages.begin(), kStorages.end(),
                                   [&](const StorageType& t) { return t.name == item(1).text; });
    need(item(1).kind == PickleKind::kName && type != kStorages.end(),
         "a storage of a dtype for " + who, described(item(1)), value);
    return {.key = item(2).text,
            .dtype = type->dtype,
            .elements = integer(item(4), "elements of a storage"),
            .byte = value.byte};
  }

  // All elements must lie in the storage, and no more of them than it has: a tensor expanded from
  // one value would be a small file that fills the memory.
  void check_bounds(TensorCall& call, const PickleValue& value, const std::string& who) const {
    need(call.sizes.ndim() == call.strides.ndim(),
         str(call.sizes.ndim(), " strides for the sizes of ", who), call.strides.ndim(), value);
    const std::uint64_t width = size_of(call.storage.dtype);
    const std::optional<std::uint64_t> bytes = bytes_of(call.sizes, width);
    need(bytes.has_value(), "at most 2^62 elements in " + who, call.sizes, value);
    const auto elements = static_cast<std::uint64_t>(call.storage.elements);
    need(*bytes / width <= elements,
         str(who, " to have at most the ", elements, " elements of its storage"), *bytes / width,
         value);
    std::uint64_t last = static_cast<std::uint64_t>(call.offset);
    bool overflow = false;
    for (int dim = 0; dim < call.sizes.ndim(); ++dim) {
      if (call.sizes[dim] <= 1) call.strides[dim] = 0;  // never used
      if (*bytes == 0) continue;
      std::uint64_t reach = 0;
      overflow |= __builtin_mul_overflow(static_cast<std::uint64_t>(call.sizes[dim] - 1),
                                         static_cast<std::uint64_t>(call.strides[dim]), &reach);
      overflow |= __builtin_add_overflow(last, reach, &last);
    }
    need(!overflow && (*bytes == 0 || last < elements),
         str(who, " to lie in the ", elements, " elements of its storage"),
         overflow ? "more than 2^64" : str("element ", last), value);
  }

  const Pickle& pickle_;
  const std::string& where_;
};

}  // namespace

std::span<const std::string_view> pth_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all = {kOrderedDict, kTensor, kParameter};
    all.insert(all.end(), std::begin(kBeside), std::end(kBeside));
    for (const StorageType& type : kStorages) all.push_back(type.name);
    return all;
  }();
  return names;
}

std::vector<PthStorage> pth_storages(const Pickle& pickle, const std::string& where) {
  std::vector<PthStorage> storages;
  std::set<std::string> keys;
  const Interpreter interpreter(pickle, where);
  interpreter.each_tensor(
      [](const TensorCall&) {});  // says what is wrong with a tensor by its name
  for (const PickleValue& value : pickle.values) {
    if (value.kind != PickleKind::kReference) continue;
    const PthStorage storage = interpreter.storage(value);
    if (keys.insert(storage.key).second) storages.push_back(storage);
  }
  return storages;
}

std::string pth_part(const Pickle& pickle, const std::string& where) {
  return Interpreter(pickle, where).part();
}

std::vector<NamedArray> pth_tensors(const Pickle& pickle, const std::string& where, bool big_endian,
                                    const std::function<PthBytes(const PthStorage&)>& find) {
  const Interpreter interpreter(pickle, where);
  std::vector<NamedArray> tensors;
  std::set<std::string> keys;
  std::uint64_t stored = 0, used = 0;  // bytes of storages, and of tensors in them
  interpreter.each_tensor([&](const TensorCall& call) {
    const PthBytes storage = find(call.storage);
    const std::uint64_t width = size_of(call.storage.dtype);
    const PickleValue at{.byte = call.byte};
    // In a division, because the product may overflow.
    interpreter.need(storage.size % width == 0 &&
                         storage.size / width == static_cast<std::uint64_t>(call.storage.elements),
                     str("storage \"", printable(call.storage.key), "\" to have ",
                         call.storage.elements, " elements of ", width, " bytes"),
                     str(storage.size, " bytes"), at);
    if (keys.insert(call.storage.key).second) stored += storage.size;
    used += static_cast<std::uint64_t>(call.sizes.numel()) * width;
    interpreter.need(used / kMostSharing <= stored,
                     str("tensors of at most ", kMostSharing, " times their storages' bytes"), used,
                     at);
    const std::uint64_t skipped =
        call.sizes.numel() == 0 ? 0 : static_cast<std::uint64_t>(call.offset) * width;
    tensors.push_back({call.name,
                       {.dtype = call.storage.dtype,
                        .sizes = call.sizes,
                        .strides = call.strides,
                        .big_endian = big_endian,
                        .bytes = storage.unpack ? storage.bytes : storage.bytes.subspan(skipped),
                        .format = "pth",
                        .where = storage.where,
                        .first_byte = storage.first_byte + skipped,
                        .unpack = storage.unpack,
                        .skipped = skipped}});
  });
  return tensors;
}

}  // namespace fovea::io
