#include "fovea/graph/onnx/read_tensor.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>
#include <vector>

#include "fovea/io/bytes.h"
#include "fovea/io/mapped_file.h"

namespace fovea::graph {

namespace {

namespace fs = std::filesystem;

/// The tensor being read, for messages.
struct Reading {
  const onnx::TensorProto& proto;
  const Origin& origin;

  template <class... Parts>
  void require(bool ok, const Parts&... parts) const {
    if (!ok) refuse(origin, str("onnx: tensor \"", proto.name(), "\" ", parts...));
  }
};

Shape sizes_of(const Reading& reading) {
  reading.require(reading.proto.dims_size() <= kMaxDims, "expected at most ", kMaxDims,
                  " dimensions, got ", reading.proto.dims_size());
  Shape sizes;
  std::int64_t count = 1;
  for (const std::int64_t size : reading.proto.dims()) {
    reading.require(size >= 0, "expected sizes of at least 0, got ", size);
    // The limit leaves room for eight bytes an element.
    reading.require(size == 0 || count <= (std::int64_t{1} << 50) / size,
                    "expected at most 2^50 elements, got more");
    count *= size;
    sizes.push_back(size);
  }
  return sizes;
}

/// Elements of type T from a field that holds them one by one, in a type as wide or wider.
template <class T, class Field>
std::vector<std::byte> from_field(const Reading& reading, const Field& field, const Shape& sizes) {
  reading.require(field.size() == sizes.numel(), "expected ", sizes.numel(), " values, got ",
                  field.size());
  std::vector<std::byte> bytes(static_cast<std::size_t>(field.size()) * sizeof(T));
  std::byte* to = bytes.data();
  for (const auto number : field) {
    const auto value = static_cast<T>(number);
    std::memcpy(to, &value, sizeof value);
    to += sizeof value;
  }
  return bytes;
}

std::vector<std::byte> from_typed_field(const Reading& reading, const Shape& sizes, DType dtype) {
  const onnx::TensorProto& proto = reading.proto;
  switch (dtype) {
    case DType::kF32:
      return from_field<float>(reading, proto.float_data(), sizes);
    case DType::kF64:
      return from_field<double>(reading, proto.double_data(), sizes);
    case DType::kI64:
      return from_field<std::int64_t>(reading, proto.int64_data(), sizes);
    case DType::kU64:
      return from_field<std::uint64_t>(reading, proto.uint64_data(), sizes);
    case DType::kU32:
      return from_field<std::uint32_t>(reading, proto.uint64_data(), sizes);
    case DType::kI32:
      return from_field<std::int32_t>(reading, proto.int32_data(), sizes);
    // Half precision travels as its bits.
    case DType::kI16:
    case DType::kU16:
    case DType::kF16:
    case DType::kBF16:
      return from_field<std::uint16_t>(reading, proto.int32_data(), sizes);
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return from_field<std::uint8_t>(reading, proto.int32_data(), sizes);
  }
  return {};
}

std::uint64_t number_in(const Reading& reading, const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  reading.require(error == std::errc() && end == text.data() + text.size(), "expected ", key,
                  " of its external data to be a number, got \"", text, "\"");
  return value;
}

/// The file that external data lies in: in the model's folder or below, after all links have been
/// followed, the model's own included.
fs::path external_path(const Reading& reading, const std::string& location) {
  const fs::path& folder = reading.origin.folder;
  const fs::path relative = fs::path(location).lexically_normal();
  const bool inside =
      !location.empty() && relative.is_relative() && relative.begin()->string() != "..";
  reading.require(inside && !folder.empty(),
                  "expected external data inside the model's folder, got \"", location, "\"");
  std::error_code error;
  std::vector<fs::path> roots = {fs::weakly_canonical(folder, error)};
  if (!reading.origin.real_folder.empty()) roots.push_back(reading.origin.real_folder);
  fs::path real = fs::weakly_canonical(roots[0] / relative, error);
  // A link to the model alone: the data lies beside what it leads to.
  if (!fs::exists(real, error) && roots.size() > 1)
    real = fs::weakly_canonical(roots[1] / relative, error);
  const bool found = std::ranges::any_of(roots, [&](const fs::path& root) {
    const fs::path from_root = real.lexically_relative(root);
    return !from_root.empty() && from_root.begin()->string() != "..";
  });
  reading.require(!error && found,
                  "expected external data inside the model's folder, got a link out of it: \"",
                  location, "\"");
  return real;
}

/// The elements of a tensor of `bytes` bytes in an external file, and that file.
TensorBytes from_external(const Reading& reading, std::uint64_t bytes) {
  std::string location;
  std::uint64_t offset = 0;
  for (const auto& entry : reading.proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = number_in(reading, "the offset", entry.value());
    if (entry.key() == "length") {
      const std::uint64_t length = number_in(reading, "the length", entry.value());
      reading.require(length == bytes, "expected ", bytes, " bytes of external data, got ", length);
    }
  }
  const auto file = std::make_shared<const io::MappedFile>(external_path(reading, location));
  const std::uint64_t size = file->bytes().size();
  reading.require(offset <= size && bytes <= size - offset, "expected bytes ", offset, " to ",
                  offset, " + ", bytes, " of \"", location, "\", which has ", size);
  TensorBytes found;
  found.array.bytes = file->bytes().subspan(offset, bytes);
  found.array.mapping = file.get();
  found.file = file;
  return found;
}

TensorBytes find_elements(const Reading& reading, std::span<const std::byte> raw,
                          const Shape& sizes, DType dtype) {
  const onnx::TensorProto& proto = reading.proto;
  const auto bytes = static_cast<std::uint64_t>(sizes.numel()) * size_of(dtype);
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) return from_external(reading, bytes);
  TensorBytes found;
  if (!raw.empty()) {
    found.array.bytes = raw;
    found.array.mapping = reading.origin.mapping;
  } else if (proto.has_raw_data()) {
    found.array.bytes = std::as_bytes(std::span(proto.raw_data()));
  } else {
    found.unpacked = from_typed_field(reading, sizes, dtype);
    found.array.bytes = found.unpacked;
  }
  reading.require(found.array.bytes.size() == bytes, "expected ", bytes, " bytes of data, got ",
                  found.array.bytes.size());
  return found;
}

}  // namespace

void refuse(const Origin& origin, std::string_view what) {
  constexpr std::size_t kLongest = 2000;  // far beyond what an honest model's names need
  throw ParseError(str(io::printable(what, kLongest), " (", origin.name, ")"));
}

TensorBytes find_tensor(const onnx::TensorProto& proto, std::span<const std::byte> raw,
                        const Origin& origin) {
  const Reading reading{proto, origin};
  const auto dtype = dtype_of_onnx(proto.data_type());
  reading.require(dtype.has_value(), "expected a type that Fovea has, got ",
                  onnx_type_name(proto.data_type()));
  reading.require(!proto.has_segment(), "expected to be whole, got a segment");
  const Shape sizes = sizes_of(reading);
  TensorBytes found = find_elements(reading, raw, sizes, *dtype);
  // A bool of another value would be undefined behaviour wherever it is used.
  if (*dtype == boolean) {
    for (const std::byte value : found.array.bytes)
      reading.require(value <= std::byte{1}, "expected bools to be 0 or 1, got ",
                      static_cast<int>(value));
  }
  found.array.dtype = *dtype;
  found.array.sizes = sizes;
  found.array.strides = contiguous_strides(sizes);
  found.array.format = "onnx";
  found.array.where = origin.name;
  return found;
}

Tensor read_tensor(const onnx::TensorProto& proto, std::span<const std::byte> raw,
                   const Origin& origin) {
  return io::read_array(find_tensor(proto, raw, origin).array, {});
}

}  // namespace fovea::graph
