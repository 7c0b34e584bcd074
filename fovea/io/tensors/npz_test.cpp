#include "fovea/io/tensors/npz.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "fovea/core/error.h"
#include "fovea/io/archive/zip_writer.h"
#include "fovea/io/tensors/file_arrays.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::as_text;
using test::message_of;
using test::TempDir;

const std::filesystem::path kFiles = std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/golden/files";

// tests/golden/array_files.py
TEST(Npz, ReadsWhatNumPyWrites) {
  for (const char* file : {"arrays.npz", "arrays_deflated.npz"}) {
    const NamedTensors arrays = load_npz(kFiles / file);
    std::vector<std::string> names;
    for (const auto& [name, tensor] : arrays) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"layer1.weight", "fortran", "big", "half", "flags",
                                               "scalar", "empty"}));
    const std::vector<float> ramp = {0, 1, 2, 3, 4, 5};
    const DType dtypes[] = {f32, i16, f64, f16};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(arrays[i].second.sizes(), (Shape{2, 3}));
      EXPECT_EQ(arrays[i].second.dtype(), dtypes[i]);
      EXPECT_EQ(arrays[i].second.to_vector(), ramp);
      EXPECT_TRUE(arrays[i].second.is_contiguous());
    }
    EXPECT_EQ(arrays[4].second.to_vector<int>(), (std::vector<int>{1, 0, 1}));
    EXPECT_EQ(arrays[5].second.sizes(), Shape{});
    EXPECT_EQ(arrays[5].second.item<int>(), 7);
    EXPECT_EQ(arrays[6].second.sizes(), (Shape{0, 4}));
  }
}

TEST(Npz, KeepsEveryDType) {
  const TempDir dir;
  NamedTensors tensors;
  for (const DType dtype : kAllDTypes) {
    if (dtype == bf16) continue;
    tensors.emplace_back(std::string(name_of(dtype)) + "/x", arange(5).to(dtype));
  }
  tensors.emplace_back("transposed", tensor({{1, 2, 3}, {4, 5, 6}}).t());
  for (const ZipMethod method : {ZipMethod::kStored, ZipMethod::kDeflated}) {
    save_npz(dir / "x.npz", tensors, method);
    const NamedTensors back = load_npz(dir / "x.npz");
    ASSERT_EQ(back.size(), tensors.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      EXPECT_EQ(back[i].first, tensors[i].first);
      EXPECT_EQ(back[i].second.dtype(), tensors[i].second.dtype());
      EXPECT_EQ(to_bytes(back[i].second), to_bytes(tensors[i].second)) << back[i].first;
    }
    EXPECT_EQ(TensorFile(dir / "x.npz").size(), tensors.size());
  }
  save_npz(dir / "none.npz", {});
  EXPECT_TRUE(load_npz(dir / "none.npz").empty());
}

TEST(Npz, RefusesWhatNumPyCannotHold) {
  const TempDir dir;
  EXPECT_EQ(message_of<DTypeError>([&] {
              save_npz(dir / "x.npz", {{"a", ones({2})}, {"b", ones({2}, {.dtype = bf16})}});
            }),
            "write_npy: dtype expected one that NumPy has, got bf16 (tensor [2])");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              save_npz(dir / "x.npz", {{"a", {}}});
            }),
            "save_npz: tensor \"a\" expected to be defined, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              save_npz(dir / "x.npz", {{"", ones({2})}});
            }),
            "save_npz: names expected not to be empty, got one");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              save_npz(dir / "x.npz", {{"a", ones({2})}, {"a", ones({2})}});
            }),
            "zip: name \"a.npy\" expected once, got it twice");
  EXPECT_TRUE(dir.names().empty());
}

std::string zip_of(const std::string& name, std::string_view content) {
  std::string archive;
  ZipWriter zip([&](std::span<const std::byte> bytes) { archive += as_text(bytes); });
  zip.add(name, {as_bytes(content)});
  zip.finish();
  return archive;
}

// Sizes are known without the elements, which may unpack to gigabytes that nobody wants.
TEST(Npz, UnpacksAnArrayWhenItIsRead) {
  const NamedTensors tensors = {{"a", arange(0, 3000).to(f32).view({3000, 1})}, {"b", ones({2})}};
  std::string archive = as_text(encode_npz(tensors, ZipMethod::kDeflated));
  archive[archive.find("b.npy") - 60] ^= 0x55;  // late in a's data
  const FileBytes file{.bytes = as_bytes(archive), .name = "a.npz"};
  const FileArrays arrays = npz_arrays(file);
  ASSERT_EQ(arrays.arrays.size(), 2u);
  EXPECT_TRUE(arrays.unpacked.empty());
  EXPECT_EQ(arrays.arrays[0].array.sizes, (Shape{3000, 1}));
  EXPECT_EQ(read_array(arrays.arrays[1].array, file).to_vector(), (std::vector<float>{1, 1}));
  const std::string defect =
      message_of<ParseError>([&] { read_array(arrays.arrays[0].array, file); });
  EXPECT_TRUE(defect.starts_with("zip: ")) << defect;
  // What the directory tells of the length is compared with what the header does.
  const std::string short_file = as_text(encode_npy(ones({2}))).substr(0, 130);
  std::string other;
  ZipWriter zip([&](std::span<const std::byte> bytes) { other += as_text(bytes); });
  zip.add("a.npy", {as_bytes(short_file)}, ZipMethod::kDeflated);
  zip.finish();
  EXPECT_EQ(
      message_of<ParseError>([&] { npz_arrays({.bytes = as_bytes(other), .name = "a.npz"}); }),
      "npy: data expected 8 bytes for shape [2], got 2 (a.npz: a.npy, byte 130)");
}

TEST(Npz, NamesFileEntryAndByte) {
  const std::string file = (kFiles / "objects.npz").string();
  EXPECT_EQ(message_of<ParseError>([&] { load_npz(file); }),
            "npy: descr expected numbers, got \"|O\": objects are pickles, which Fovea never "
            "executes (" +
                file + ": names.npy, byte 20)");
  const auto defect = [](const std::string& archive) {
    return message_of<ParseError>([&] { parse_npz(as_bytes(archive), "a.npz"); });
  };
  EXPECT_EQ(defect(zip_of("readme.txt", "hello")),
            "npz: entry expected an array, a name that ends in .npy, got \"readme.txt\" (a.npz, "
            "byte 0)");
  EXPECT_EQ(defect(zip_of("x.npy", "hello")),
            "npy: first bytes expected 93 4e 55 4d 50 59, got 68 65 6c 6c 6f, so this is no .npy "
            "file (a.npz: x.npy, byte 0)");
}

}  // namespace
}  // namespace fovea::io
