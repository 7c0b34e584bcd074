#include "fovea/io/tensors/pth.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "fovea/core/error.h"
#include "fovea/io/archive/zip.h"
#include "fovea/io/archive/zip_writer.h"
#include "fovea/io/mapped_file.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::as_text;
using test::message_of;

const std::filesystem::path kFiles = std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/golden/files";

// tests/golden/array_files.py wrote the files with PyTorch.
TEST(Pth, ReadsModelsThatPyTorchWrote) {
  for (const char* file : {"model.pth", "model_legacy.pth"}) {
    SCOPED_TRACE(file);
    const StateDict model = load_pth(kFiles / file);
    const std::vector<std::pair<std::string, Shape>> expected = {{"0.weight", {2, 1, 3, 3}},
                                                                 {"0.bias", {2}},
                                                                 {"1.weight", {2}},
                                                                 {"1.bias", {2}},
                                                                 {"1.running_mean", {2}},
                                                                 {"1.running_var", {2}},
                                                                 {"1.num_batches_tracked", {}}};
    ASSERT_EQ(model.size(), expected.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
      const auto& [name, tensor] = model[i];
      EXPECT_EQ(name, expected[i].first);
      EXPECT_EQ(tensor.sizes(), expected[i].second);
      EXPECT_EQ(tensor.dtype(), i == 6 ? i64 : f32);
      EXPECT_EQ(tensor.to(f64).min().item(), static_cast<double>(i));
      EXPECT_EQ(tensor.to(f64).max().item(), static_cast<double>(i));
    }
    EXPECT_EQ(TensorFile(kFiles / file).read_all().size(), model.size());
  }
}

TEST(Pth, ReadsStridesSharedStoragesAndEveryDType) {
  for (const char* file : {"tensors.pth", "tensors_legacy.pth", "tensors_protocol4.pth"}) {
    SCOPED_TRACE(file);
    const StateDict tensors = load_pth(kFiles / file);
    ASSERT_EQ(tensors.size(), 16U);
    const auto at = [&](const char* name) { return *find(tensors, name); };
    const Tensor ramp = arange(24).to(f32);
    EXPECT_EQ(at("ramp").sizes(), (Shape{2, 3, 4}));
    EXPECT_EQ(at("ramp").to_vector(), ramp.to_vector());
    EXPECT_EQ(at("channels_last").sizes(), (Shape{1, 2, 3, 4}));
    EXPECT_EQ(at("channels_last").to_vector(), ramp.to_vector());
    EXPECT_EQ(at("transposed").to_vector(), ramp.view({4, 6}).t().to_vector());
    EXPECT_EQ(at("slice").to_vector(), (std::vector<float>{5, 6, 7, 8}));
    EXPECT_EQ(at("parameter").to_vector(), (std::vector<float>{0, 1}));
    EXPECT_EQ(at("scalar").sizes(), Shape{});
    EXPECT_EQ(at("scalar").item<int>(), 7);
    EXPECT_EQ(at("empty").sizes(), (Shape{0, 3}));
    EXPECT_EQ(at("flags").to_vector<int>(), (std::vector<int>{1, 0}));
    const std::map<std::string, DType> dtypes = {
        {"float64", f64}, {"float16", f16}, {"bfloat16", bf16}, {"int64", i64},
        {"int32", i32},   {"int16", i16},   {"int8", i8},       {"uint8", u8}};
    for (const auto& [name, dtype] : dtypes) {
      EXPECT_EQ(at(name.c_str()).dtype(), dtype);
      EXPECT_EQ(at(name.c_str()).to_vector(), (std::vector<float>{0, 1, 2})) << name;
    }
  }
}

std::string refusal(const char* file) {
  const std::string path = (kFiles / file).string();
  std::string message = message_of<ParseError>([&] { load_pth(path); });
  const std::size_t at = message.find(path);
  return at == std::string::npos ? message : message.replace(at, path.size(), file);
}

// Every value of tensor i is i, and of the averages 10 + i: tests/golden/array_files.py.
void expect_weights(const char* name, const std::string& part, int first,
                    const std::string& prefix = "") {
  SCOPED_TRACE(name);
  const TensorFile file(kFiles / name);
  EXPECT_EQ(file.part(), part);
  ASSERT_EQ(file.size(), 7u);
  EXPECT_EQ(file.name_of(0), prefix + "0.weight");
  EXPECT_EQ(file.name_of(6), prefix + "1.num_batches_tracked");
  for (std::size_t i = 0; i < file.size(); ++i) {
    const std::vector<double> values = file.read(i).to_vector<double>();
    EXPECT_EQ(values, std::vector<double>(values.size(), first + static_cast<double>(i)));
  }
}

// What stands beside the weights, an optimiser's state or settings, is passed over.
TEST(Pth, ReadsTheWeightsOfCheckpoints) {
  expect_weights("checkpoint.pth", "state_dict", 0);
  for (const char* name :
       {"checkpoint_reference.pth", "checkpoint_legacy.pth", "checkpoint_protocol4.pth"})
    expect_weights(name, "model", 0);
  expect_weights("checkpoint_ema.pth", "state_dict_ema", 10);
  expect_weights("checkpoint_lightning.pth", "state_dict", 0, "model.");
  expect_weights("model.pth", "", 0);
}

const std::string kAdvice = "; in Python: torch.save(model.state_dict(), \"weights.pth\")";

TEST(Pth, RefusesByNameWhatIsNoStateDict) {
  EXPECT_EQ(refusal("tensor.pth"),
            "pth: file expected a dict of tensors by name, which is what model.state_dict() gives, "
            "got torch._utils._rebuild_tensor_v2 (tensor.pth: tensor/data.pkl, byte 146)");
  EXPECT_EQ(
      refusal("module.pth"),
      "pth: pickle expected names that weights are made of, got __main__.Reaches (module.pth: "
      "module/data.pkl, byte 2)" +
          kAdvice);
  EXPECT_EQ(refusal("complex.pth"),
            "pth: pickle expected names that weights are made of, got torch.ComplexFloatStorage "
            "(complex.pth: complex/data.pkl, byte 64)");
  EXPECT_EQ(refusal("script.pt"),
            "pth: file expected a state_dict, got TorchScript (script.pt, byte 0)");
  EXPECT_EQ(message_of<ParseError>([] { parse_pth(as_bytes("not a file"), "a.pth"); }),
            "pth: file expected a ZIP archive or PyTorch's older form, got 6e 6f 74 20 61 20 66 69 "
            "(a.pth, byte 0)");
}

// --- Hand-made files -----------------------------------------------------------------------------

/// A call of _rebuild_tensor_v2 for a row of `elements` numbers of storage `key`, in opcodes.
std::string tensor_call(const std::string& key, int elements) {
  const auto text = [](const std::string& value) {
    return std::string("X") + static_cast<char>(value.size()) + std::string("\0\0\0", 3) + value;
  };
  const std::string count = std::string("K") + static_cast<char>(elements);
  const std::string storage =
      "(" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") + count + "NtQ";
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + std::string("K\0", 2) + count +
         "\x85K\1\x85\x89NtR";
}

/// A file in the older form: a pickle of `object`, and one storage of two numbers by each key.
std::string legacy_file(const std::string& object, const std::vector<std::string>& keys) {
  const auto pickle = [](const std::string& opcodes) { return "\x80\2" + opcodes + "."; };
  std::string file = std::string("\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15) +
                     std::string("\x80\2M\xe9\3.", 6);
  file += pickle("}X\x0d" + std::string("\0\0\0", 3) + "little_endian\x88s");
  file += pickle(object);
  std::string list = "](";
  for (const std::string& key : keys)
    list += std::string("X") + static_cast<char>(key.size()) + std::string("\0\0\0", 3) + key;
  file += pickle(list + "e");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const float values[2] = {static_cast<float>(i), 0.5F};
    file += std::string("\2\0\0\0\0\0\0\0", 8) +
            std::string(reinterpret_cast<const char*>(values), sizeof values);
  }
  return file;
}

// Python 2 gives OrderedDict its pairs as an argument; Python 3 sets them as items.
TEST(Pth, ReadsDictsAsPython2PickledThem) {
  const std::string dict = "ccollections\nOrderedDict\n";
  const auto name = [](const char* text) {
    return std::string("U") + static_cast<char>(std::string_view(text).size()) + text;
  };
  const auto pair = [&](const char* text, const char* key) {
    return "](" + name(text) + tensor_call(key, 2) + "e";
  };
  const std::string pairs = "](" + pair("w", "1") + pair("b", "2") + "e";
  const auto read = [](const std::string& object) {
    return parse_pth(as_bytes(legacy_file(object, {"1", "2"})), "a.pth");
  };
  const StateDict state = read(dict + pairs + "\x85R");
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].first, "w");
  EXPECT_EQ(state[1].second.to_vector(), (std::vector<float>{1, 0.5F}));
  // Pairs as tuples, and one that is set as an item behind them.
  EXPECT_EQ(read(dict + "](" + name("w") + tensor_call("1", 2) + "\x86" + "e\x85R" + name("b") +
                 tensor_call("2", 2) + "s")
                .size(),
            2u);
  const auto defect = [&](const std::string& object) {
    const std::string text = message_of<ParseError>([&] { read(object); });
    return text.substr(0, text.find(" (a.pth"));
  };
  EXPECT_EQ(defect(dict + "K\1\x85R"),
            "pth: file expected a dict to be made of a list of pairs, got an integer");
  EXPECT_EQ(defect(dict + "](](" + name("w") + "ee\x85R"),
            "pth: file expected a pair of a name and a tensor, got 1 items");
}

// Weights that somebody has deflated are unpacked one by one, when they are read.
TEST(Pth, UnpacksStoragesWhenTheyAreRead) {
  const MappedFile mapping(kFiles / "tensors.pth");
  const ZipArchive zip({.bytes = mapping.bytes(), .name = "tensors.pth"});
  std::string archive;
  ZipWriter writer([&](std::span<const std::byte> bytes) { archive += as_text(bytes); });
  std::vector<std::vector<std::byte>> unpacked;
  for (const ZipEntry& entry : zip.entries())
    writer.add(entry.name, {zip.open(entry, unpacked, 1 << 20)}, ZipMethod::kDeflated);
  writer.finish();
  const FileBytes file{.bytes = as_bytes(archive), .name = "a.pth"};
  EXPECT_TRUE(pth_arrays(file).unpacked.empty());
  const StateDict expected = load_pth(kFiles / "tensors.pth"), got = parse_pth(file.bytes, "a.pth");
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(to_bytes(got[i].second), to_bytes(expected[i].second)) << got[i].first;
}

std::string zip_of(const std::map<std::string, std::string>& entries) {
  std::string archive;
  ZipWriter zip([&](std::span<const std::byte> bytes) { archive += as_text(bytes); });
  for (const auto& [name, content] : entries) zip.add("m/" + name, {as_bytes(content)});
  zip.finish();
  return archive;
}

std::string text(std::string_view value) {
  return std::string("\x8c") + static_cast<char>(value.size()) + std::string(value);
}
std::string number(int value) { return std::string("K") + static_cast<char>(value); }
std::string numbers(const std::vector<int>& values) {
  std::string tuple = "(";
  for (const int value : values) tuple += number(value);
  return tuple + "t";
}

// The pieces of a file with one tensor "x"; a case changes one of them.
struct OneTensor {
  std::string type = "ctorch\nFloatStorage\n";
  std::string key = text("0");
  std::string elements = number(4);
  std::string after_elements = "";
  std::string offset = number(0);
  std::string sizes = numbers({2, 2});
  std::string strides = numbers({2, 1});
  std::string callee = "ctorch._utils\n_rebuild_tensor_v2\n";
  std::map<std::string, std::string> entries = {{"data/0", std::string(16, '\0')}};

  std::string tensor() const {
    return callee + "((" + text("storage") + type + key + text("cpu") + elements + after_elements +
           "tQ" + offset + sizes + strides + "\x89" + "}tR";
  }
  std::string file() const {
    auto all = entries;
    all["data.pkl"] = "\x80\x02}" + text("x") + tensor() + "s.";
    return zip_of(all);
  }
};

Tensor x_of(const std::string& archive) {
  return parse_pth(as_bytes(archive), "a.pth").at(0).second;
}
std::string defect(const std::string& archive) {
  return message_of<ParseError>([&] { x_of(archive); });
}
std::string defect_of_pickle(const std::string& pickle) {
  return defect(zip_of({{"data.pkl", pickle}}));
}

TEST(Pth, ReadsByteOrder) {
  OneTensor file{.elements = number(1), .sizes = numbers({1}), .strides = numbers({1})};
  file.entries = {{"data/0", std::string("\x3f\xc0\0\0", 4)}, {"byteorder", "big"}};
  EXPECT_EQ(x_of(file.file()).item(), 1.5);
  file.entries["byteorder"] = "middle";
  EXPECT_EQ(defect(file.file()),
            "pth: byteorder expected little or big, got \"middle\" (a.pth: m/byteorder, byte 0)");
}

// A name that checkpoints have, but no weights behind it: the first thing that is none is named.
TEST(Pth, NamesWhatAFileWithoutWeightsHas) {
  EXPECT_EQ(defect_of_pickle("\x80\x02}(" + text("model") + "}" + text("x") + "Nsu."),
            "pth: file expected \"model\" to be a tensor, got a dict (a.pth: m/data.pkl, byte 11)");
}

TEST(Pth, ExecutesNothing) {
  EXPECT_EQ(defect_of_pickle("\x80\x02"
                             "cposix\nsystem\n" +
                             text("echo") + "\x85R."),
            "pth: pickle expected names that weights are made of, got posix.system (a.pth: "
            "m/data.pkl, byte 2)" +
                kAdvice);
  EXPECT_EQ(defect_of_pickle("\x80\x04" + text("builtins") + text("eval") + "\x93."),
            "pth: pickle expected names that weights are made of, got builtins.eval (a.pth: "
            "m/data.pkl, byte 18)" +
                kAdvice);
  // Nor where it stands beside weights.
  EXPECT_EQ(defect_of_pickle("\x80\x02}(" + text("model") + "}" + text("x") + OneTensor{}.tensor() +
                             "s" + text("args") + "c__main__\nRun\n)\x81u."),
            "pth: pickle expected names that weights are made of, got __main__.Run (a.pth: "
            "m/data.pkl, byte 116)" +
                kAdvice);
  EXPECT_EQ(
      defect_of_pickle("(S'echo'\nios\nsystem\n."),
      "pth: pickle expected opcodes of plain data, got STRING (0x53) (a.pth: m/data.pkl, byte "
      "1)");
  EXPECT_EQ(defect_of_pickle("(ios\nsystem\n."),
            "pth: pickle expected opcodes of plain data, got INST (0x69) (a.pth: m/data.pkl, byte "
            "1)");
  EXPECT_EQ(
      defect_of_pickle("ccollections\nOrderedDict\n)\x92."),
      "pth: pickle expected opcodes of plain data, got NEWOBJ_EX (0x92) (a.pth: m/data.pkl, byte "
      "26)");
  EXPECT_EQ(defect_of_pickle("\x82\x01."),
            "pth: pickle expected opcodes of plain data, got EXT1 (0x82) (a.pth: m/data.pkl, byte "
            "0)");
  // A name from the list, called with what only looks like a tensor.
  EXPECT_EQ(defect(OneTensor{.callee = "ccollections\nOrderedDict\n"}.file()),
            "pth: file expected \"x\" to be a tensor, got a dict (a.pth: m/data.pkl, byte 91)");
}

TEST(Pth, NamesDefectsOfPickles) {
  EXPECT_EQ(defect_of_pickle(""),
            "pth: pickle expected 1 bytes, got 0 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("\x80\x07."),
            "pth: pickle expected protocol 2 to 5, got 7 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("\x7f."),
            "pth: pickle expected opcodes of plain data, got 0x7f (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("."),
            "pth: pickle expected one value at the end, got 0 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("NN."),
            "pth: pickle expected one value at the end, got 2 (a.pth: m/data.pkl, byte 2)");
  EXPECT_EQ(defect_of_pickle("N(\x85."),
            "pth: pickle expected 1 values on the stack, got 0 (a.pth: m/data.pkl, byte 2)");
  EXPECT_EQ(defect_of_pickle("t."),
            "pth: pickle expected a mark on the stack, got none (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("Q."),
            "pth: pickle expected a value on the stack, got none (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("h\x05."),
            "pth: pickle expected a value remembered before, got none by number 5 (a.pth: "
            "m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("}(Nu."),
            "pth: pickle expected keys with values, got 1 items (a.pth: m/data.pkl, byte 3)");
  EXPECT_EQ(defect_of_pickle("]NNs."),
            "pth: pickle expected a dict, got a list (a.pth: m/data.pkl, byte 3)");
  EXPECT_EQ(defect_of_pickle("}Na."),
            "pth: pickle expected a list, got a dict (a.pth: m/data.pkl, byte 2)");
  EXPECT_EQ(defect_of_pickle("N(\x90."),
            "pth: pickle expected a set, got None (a.pth: m/data.pkl, byte 2)");
  EXPECT_EQ(defect_of_pickle("C\x05"
                             "abc."),
            "pth: pickle expected 5 bytes, got 4 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("N)R."),
            "pth: pickle expected a name, got None (a.pth: m/data.pkl, byte 2)");
  EXPECT_EQ(defect_of_pickle("X\xff\xff\xff\xff"
                             "abc."),
            "pth: pickle expected 4294967295 bytes, got 4 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle("ctorch\nFloat"),
            "pth: pickle expected a name's end of line, got none (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(
      defect_of_pickle("\x8a\x09"
                       "123456789."),
      "pth: pickle expected an integer of at most 8 bytes, got 9 (a.pth: m/data.pkl, byte 0)");
  EXPECT_EQ(defect_of_pickle(std::string(1'000'001, 'N')),
            "pth: pickle expected at most 1000000 values, got more (a.pth: m/data.pkl, byte "
            "1000000)");
  // A list that holds itself is no endless loop and no leak.
  EXPECT_EQ(defect_of_pickle("]q\x01h\x01"
                             "a."),
            "pth: file expected a dict of tensors by name, which is what model.state_dict() gives, "
            "got a list (a.pth: m/data.pkl, byte 0)");
}

TEST(Pth, NamesDefectsOfTensors) {
  ASSERT_EQ(x_of(OneTensor{}.file()).sizes(), (Shape{2, 2}));
  const auto says = [](const OneTensor& file, const std::string& what, int byte) {
    EXPECT_EQ(defect(file.file()), "pth: file expected " + what + " (a.pth: m/data.pkl, byte " +
                                       std::to_string(byte) + ")");
  };
  says({.type = "ccollections\nOrderedDict\n"},
       "a storage of a dtype for \"x\", got collections.OrderedDict", 86);
  says({.key = "N"}, "a storage's key for \"x\", got None", 79);
  says({.elements = "J\xff\xff\xff\xff"},
       "elements of a storage to be a whole number from 0, got -1", 78);
  says({.after_elements = text("view")}, "a storage of its own for \"x\", got a view of another",
       87);
  says({.offset = number(1)}, "\"x\" to lie in the 4 elements of its storage, got element 4", 99);
  says({.sizes = numbers({3, 2})}, "\"x\" to have at most the 4 elements of its storage, got 6",
       99);
  says({.sizes = numbers({2})}, "1 strides for the sizes of \"x\", got 2", 97);
  says({.sizes = "N"}, "sizes of \"x\" to be a tuple, got None", 84);
  says({.sizes = numbers({1, 1, 1, 1, 1, 1, 1, 1, 1})}, "sizes of \"x\" to be at most 8, got 9",
       103);
  // 2^63 - 1 apart.
  says({.strides = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f" + number(1) + "\x86"},
       "\"x\" to lie in the 4 elements of its storage, got element 9223372036854775808", 106);
  // Expanded from one value.
  says({.elements = number(1), .strides = numbers({0, 0})},
       "\"x\" to have at most the 1 elements of its storage, got 4", 99);
  says({.elements = number(5)}, "storage \"0\" to have 5 elements of 4 bytes, got 16 bytes", 99);
  says({.elements = std::string("\x8a\x08\x04\0\0\0\0\0\0\x40", 10)},
       "storage \"0\" to have 4611686018427387908 elements of 4 bytes, got 16 bytes", 107);
  OneTensor missing;
  missing.entries = {};
  EXPECT_EQ(defect(missing.file()),
            "pth: archive expected an entry data/0, got none (a.pth, byte 0)");
  EXPECT_EQ(defect(zip_of({{"version", "3\n"}})),
            "pth: archive expected an entry data.pkl, got none (a.pth, byte 0)");
}

TEST(Pth, RefusesTensorsThatShareTooMuch) {
  const OneTensor one;
  std::string pickle = "\x80\x02}(";
  for (int i = 0; i < 17; ++i) pickle += text(std::to_string(i)) + one.tensor();
  const std::map<std::string, std::string> entries = {{"data/0", std::string(16, '\0')},
                                                      {"data.pkl", pickle + "u."}};
  EXPECT_EQ(defect(zip_of(entries)),
            "pth: file expected tensors of at most 16 times their storages' bytes, got 272 (a.pth: "
            "m/data.pkl, byte 1659)");
  const std::string twice =
      "\x80\x02}(" + text("x") + one.tensor() + text("x") + one.tensor() + "u.";
  EXPECT_EQ(defect(zip_of({{"data/0", std::string(16, '\0')}, {"data.pkl", twice}})),
            "pth: file expected name \"x\" once, got it again (a.pth: m/data.pkl, byte 101)");
}

TEST(Pth, NamesDefectsOfTheOlderForm) {
  const std::string good = test::get_file(kFiles / "model_legacy.pth");
  EXPECT_EQ(parse_pth(as_bytes(good), "a.pth").size(), 7U);
  EXPECT_EQ(message_of<ParseError>([&] { parse_pth(as_bytes(good + "x"), "a.pth"); }),
            "pth: file expected its end after the storages, got 1 more bytes (a.pth, byte 1186)");
  // The storage's key is a number that PyTorch draws.
  const std::string cut = message_of<ParseError>(
      [&] { parse_pth(as_bytes(good.substr(0, good.size() - 1)), "a.pth"); });
  EXPECT_NE(cut.find("\" of at most 1 elements, got 2 (a.pth, byte 1170)"), std::string::npos)
      << cut;
  EXPECT_EQ(message_of<ParseError>([&] { parse_pth(as_bytes(good.substr(0, 21)), "a.pth"); }),
            "pth: file expected another pickle, got its end (a.pth, byte 21)");
}

}  // namespace
}  // namespace fovea::io
