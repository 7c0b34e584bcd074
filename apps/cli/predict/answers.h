// What a model says of pictures, as people and scripts read it. Answers are written as they come:
// any number of them takes the memory of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/models/classifier.h"

namespace fovea::cli {

/// A picture that a model was asked about, and what it is called.
struct Asked {
  std::string name;   ///< a file, or a sample of a data set
  std::string label;  ///< its true class, for a sample of a data set
};

/// The likeliest classes, likeliest first.
using Top = std::vector<models::Likely>;

/// How answers are written.
enum class AnswerForm : std::uint8_t {
  kTables,  ///< a few lines for each picture, for people
  kJson,    ///< one array of objects
  kCsv,     ///< a first row of names, then a row a picture
};

/// Writes answers to standard output.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;
  virtual void add(const Asked& asked, const Top& top) = 0;  ///< an answer
  virtual void finish() {}                                   ///< there are no more
};

/// A writer in one of the forms, of answers with `classes` classes each.
std::unique_ptr<AnswerWriter> make_writer(AnswerForm form, std::int64_t classes);

}  // namespace fovea::cli
