#include "tests/support/golden.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace fovea::test {

using Json = nlohmann::json;

struct GoldenCase::Options {
  Json json;
};

namespace {

/// A safetensors file, read as trustingly as committed data may be; fovea/io has the strict reader.
struct File {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

DType dtype_named(const std::string& name) {
  static const std::map<std::string, DType> names = {
      {"F64", f64},      {"F32", f32}, {"I64", i64},   {"U8", u8},
      {"BOOL", boolean}, {"F16", f16}, {"BF16", bf16}, {"I32", i32}};
  return names.at(name);
}

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("golden: cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

File read_safetensors(std::string_view name) {
  static_assert(std::endian::native == std::endian::little);
  const std::string path = std::string(FOVEA_SOURCE_DIR "/tests/golden/").append(name);
  const std::string bytes = read_bytes(path);
  std::uint64_t header_size = 0;
  if (bytes.size() < sizeof header_size) throw std::runtime_error("golden: too short: " + path);
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  const std::string_view body = std::string_view(bytes).substr(sizeof header_size);
  const Json header = Json::parse(body.substr(0, header_size));
  const std::string_view data = body.substr(header_size);

  File file;
  for (const auto& [key, value] : header.items()) {
    if (key == "__metadata__") {
      file.metadata = value.get<std::map<std::string, std::string>>();
      continue;
    }
    const auto sizes = value.at("shape").get<std::vector<std::int64_t>>();
    const auto begin = value.at("data_offsets").at(0).get<std::size_t>();
    const auto end = value.at("data_offsets").at(1).get<std::size_t>();
    const auto part = std::as_bytes(std::span(data.substr(begin, end - begin)));
    file.tensors.emplace(key,
                         from_bytes(part, Shape(std::span(sizes)), dtype_named(value.at("dtype"))));
  }
  return file;
}

}  // namespace

GoldenCase::GoldenCase(std::string name, const std::string& json,
                       std::map<std::string, Tensor> tensors)
    : name_(std::move(name)),
      options_(std::make_shared<Options>(Options{Json::parse(json)})),
      tensors_(std::move(tensors)) {}

Tensor GoldenCase::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? Tensor() : found->second;
}

Tensor GoldenCase::tensor(const std::string& name, DType dtype) const {
  const Tensor found = tensor(name);
  return found.defined() ? found.to(dtype) : found;
}

Tensors GoldenCase::list(const std::string& name) const {
  Tensors list;
  while (has(name + std::to_string(list.size())))
    list.push_back(tensor(name + std::to_string(list.size())));
  return list;
}

bool GoldenCase::is_null(const std::string& key) const { return options_->json.at(key).is_null(); }
bool GoldenCase::is_text(const std::string& key) const {
  return options_->json.at(key).is_string();
}
std::string GoldenCase::text(const std::string& key) const { return options_->json.at(key); }
double GoldenCase::number(const std::string& key) const { return options_->json.at(key); }
std::int64_t GoldenCase::integer(const std::string& key) const { return options_->json.at(key); }
bool GoldenCase::flag(const std::string& key) const { return options_->json.at(key); }
std::vector<double> GoldenCase::numbers(const std::string& key) const {
  return options_->json.at(key);
}
std::string GoldenCase::json(const std::string& key) const { return options_->json.at(key).dump(); }

Shape GoldenCase::shape(const std::string& key) const {
  const std::vector<std::int64_t> values = options_->json.at(key);
  return Shape(std::span(values));
}

std::vector<GoldenCase> load_golden(std::string_view family) {
  File file = read_safetensors(std::string(family) + ".safetensors");
  std::map<std::string, std::map<std::string, Tensor>> by_case;
  for (auto& [name, tensor] : file.tensors) {
    const std::size_t dot = name.find('.');
    by_case[name.substr(0, dot)].emplace(name.substr(dot + 1), tensor);
  }
  std::vector<GoldenCase> cases;
  for (const auto& [name, json] : file.metadata) {  // ordered by name, so by number
    if (name.starts_with("case"))
      cases.emplace_back(std::string(family) + "/" + name, json, by_case[name]);
  }
  if (cases.empty() || by_case.size() > cases.size()) {
    throw std::runtime_error("golden: expected tensors named after cases in " +
                             std::string(family));
  }
  return cases;
}

std::vector<std::string> load_golden_texts(std::string_view file) {
  return Json::parse(read_bytes(std::string(FOVEA_SOURCE_DIR "/tests/golden/").append(file)));
}

std::map<std::string, Tensor> load_golden_tensors(std::string_view file) {
  return read_safetensors(file).tensors;
}

}  // namespace fovea::test
