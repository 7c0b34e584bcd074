// Golden values from PyTorch: reads tests/golden/*.safetensors, whose README says what they hold.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::test {

/// One recorded call: its options and its tensors.
class GoldenCase {
 public:
  /// From the case's name, its metadata (JSON text) and its tensors.
  GoldenCase(std::string name, const std::string& json, std::map<std::string, Tensor> tensors);

  const std::string& name() const { return name_; }  ///< "conv/case012", for SCOPED_TRACE
  std::string op() const { return text("op"); }      ///< the operation
  bool has(const std::string& tensor) const {
    return tensors_.contains(tensor);
  }  ///< whether there is such a tensor
  /// The tensor, or an undefined one. Integers are i64, floats f64.
  Tensor tensor(const std::string& name) const;
  /// The tensor converted to `dtype`, or an undefined one.
  Tensor tensor(const std::string& name, DType dtype) const;
  /// The tensors x0, x1, ... of a list named `x`.
  Tensors list(const std::string& name) const;

  // Options. A missing one is an error of the test: std::out_of_range.
  bool is_null(const std::string& key) const;                 ///< null in the metadata
  bool is_text(const std::string& key) const;                 ///< a string, such as "same"
  std::string text(const std::string& key) const;             ///< a string
  double number(const std::string& key) const;                ///< a number
  std::int64_t integer(const std::string& key) const;         ///< a whole number
  bool flag(const std::string& key) const;                    ///< true or false
  Shape shape(const std::string& key) const;                  ///< a list of whole numbers
  std::vector<double> numbers(const std::string& key) const;  ///< a list of numbers
  /// The option as JSON text, for what the others do not cover.
  std::string json(const std::string& key) const;

 private:
  struct Options;  // keeps the JSON library out of the header

  std::string name_;
  std::shared_ptr<const Options> options_;
  std::map<std::string, Tensor> tensors_;
};

/// The cases of tests/golden/<family>.safetensors, in order. Throws std::runtime_error when the
/// file is not as the README says, so that a test cannot pass by running no case.
std::vector<GoldenCase> load_golden(std::string_view family);

/// The strings of a .json file below tests/golden that holds a list of them.
std::vector<std::string> load_golden_texts(std::string_view file);

/// The tensors of any .safetensors file below tests/golden, by name.
std::map<std::string, Tensor> load_golden_tensors(std::string_view file);

}  // namespace fovea::test
