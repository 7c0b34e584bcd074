#include "fovea/io/tensors/npy.h"

#include <array>
#include <optional>
#include <string_view>

#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/mapped_file.h"
#include "fovea/io/tensors/array_bytes.h"
#include "fovea/io/tensors/file_arrays.h"
#include "fovea/io/tensors/npy_header.h"

namespace fovea::io {

namespace {

// NumPy pads the header so that the data starts at a multiple of this.
constexpr std::size_t kAlignment = 64;
// NumPy (since 1.23) leaves room for the first size to grow to this many digits.
constexpr std::size_t kGrowthDigits = 21;

struct TypeCode {
  std::string_view code;  // without the byte order
  DType dtype;
};
constexpr std::array<TypeCode, 12> kTypeCodes = {{{"f4", DType::kF32},
                                                  {"f8", DType::kF64},
                                                  {"i8", DType::kI64},
                                                  {"u1", DType::kU8},
                                                  {"b1", DType::kBool},
                                                  {"f2", DType::kF16},
                                                  {"i1", DType::kI8},
                                                  {"i2", DType::kI16},
                                                  {"u2", DType::kU16},
                                                  {"i4", DType::kI32},
                                                  {"u4", DType::kU32},
                                                  {"u8", DType::kU64}}};

struct ElementType {
  DType dtype;
  bool big_endian;
};

ElementType element_type(const NpyHeader& header, const std::string& name) {
  const std::string& descr = header.descr;
  const auto context = [&] { return str(" (", name, ", byte ", header.descr_byte, ")"); };
  check<ParseError>(descr != "|O" && descr != "O", "npy: descr expected numbers, got \"",
                    printable(descr), "\": objects are pickles, which Fovea never executes",
                    context());
  if (descr.size() >= 3 && std::string_view("<>=|").find(descr[0]) != std::string_view::npos) {
    for (const TypeCode& type : kTypeCodes)
      if (type.code == std::string_view(descr).substr(1)) return {type.dtype, descr[0] == '>'};
  }
  throw ParseError(str("npy: descr expected f2, f4, f8, i1 to i8, u1 to u8 or b1, got \"",
                       printable(descr), "\"", context()));
}

}  // namespace

ArrayBytes npy_array(std::span<const std::byte> content, const std::string& name) {
  ArrayBytes array = npy_array(content, content.size(), name);
  array.bytes = content.subspan(array.first_byte);
  return array;
}

ArrayBytes npy_array(std::span<const std::byte> head, std::uint64_t size, const std::string& name) {
  const NpyHeader header = parse_npy_header(head, name);
  const auto [dtype, big_endian] = element_type(header, name);
  const std::uint64_t data = size - header.data_byte;
  const std::optional<std::uint64_t> expected = bytes_of(header.shape, size_of(dtype));
  check<ParseError>(expected == data, "npy: data expected ",
                    expected ? str(*expected) : "more than 2^62", " bytes for shape ", header.shape,
                    ", got ", data, " (", name, ", byte ",
                    header.data_byte + std::min(expected.value_or(data), data), ")");
  ArrayBytes array{.dtype = dtype,
                   .sizes = header.shape,
                   .strides = contiguous_strides(header.shape),
                   .big_endian = big_endian,
                   .bytes = {},
                   .format = "npy",
                   .where = name,
                   .first_byte = header.data_byte};
  if (header.fortran_order) {
    std::int64_t stride = 1;
    for (int dim = 0; dim < header.shape.ndim(); ++dim) {
      array.strides[dim] = stride;
      stride *= header.shape[dim];
    }
  }
  return array;
}

FileArrays npy_arrays(const FileBytes& file) {
  return {.arrays = {{"", npy_array(file.bytes, file.name)}}};
}

Tensor parse_npy(std::span<const std::byte> content, const std::string& name) {
  return read_array(npy_array(content, name), {.bytes = content, .name = name});
}

Tensor read_npy(const std::filesystem::path& path) {
  const MappedFile file(path);
  return read_array(npy_array(file.bytes(), path.string()),
                    {.bytes = file.bytes(), .name = path.string(), .mapping = &file});
}

std::string npy_head(const Tensor& tensor) {
  std::string_view code;
  for (const TypeCode& type : kTypeCodes)
    if (type.dtype == tensor.dtype()) code = type.code;
  check<DTypeError>(!code.empty(), "write_npy: dtype expected one that NumPy has, got ",
                    tensor.dtype(), " (tensor ", tensor.sizes(), ")");

  std::string shape = "(";
  for (int i = 0; i < tensor.dim(); ++i)
    shape += str(i == 0 ? "" : " ", tensor.size(i), i == 0 || i + 1 < tensor.dim() ? "," : "");
  shape += ")";
  std::string header = str("{'descr': '", size_of(tensor.dtype()) == 1 ? '|' : '<', code,
                           "', 'fortran_order': False, 'shape': ", shape, ", }");
  if (tensor.dim() > 0) header.append(kGrowthDigits - str(tensor.size(0)).size(), ' ');
  // At most 8 sizes: the length always fits the two bytes of version 1.
  const std::size_t before = kNpyMagic.size() + 2 + 2;
  header.append(kAlignment - (before + header.size() + 1) % kAlignment, ' ');
  header += '\n';

  std::string head(kNpyMagic);
  head += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  return head + header;
}

std::vector<std::byte> encode_npy(const Tensor& tensor) {
  const std::string head = npy_head(tensor);
  const auto head_bytes = std::as_bytes(std::span(head));
  std::vector<std::byte> content(head_bytes.begin(), head_bytes.end());
  const std::vector<std::byte> elements = to_bytes(tensor);
  content.insert(content.end(), elements.begin(), elements.end());
  return content;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  write_file(path, encode_npy(tensor));
}

}  // namespace fovea::io
