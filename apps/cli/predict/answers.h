// What a model says of pictures, as people and scripts read it. Answers are written as they come:
// any number of them takes the memory of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/models/classifier.h"

namespace fovea::cli {

/// A picture that a model was asked about, and what it is called.
struct Asked {
  std::string name;   ///< a file, or a sample of a data set
  std::string label;  ///< its true classes, for a sample of a data set
};

/// The likeliest classes, likeliest first.
using Top = std::vector<models::Likely>;

/// What a model says of a picture.
struct Answer {
  Top top;                         ///< as many as are asked for
  std::optional<Top> labels = {};  ///< of a multi-label model: all that are there
};

/// What people are shown of it: as many as are asked for, and all that are there.
const Top& shown(const Answer& answer);

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
  virtual void add(const Asked& asked, const Answer& answer) = 0;  ///< an answer
  virtual void finish() {}                                         ///< there are no more
};

/// A writer in one of the forms, of answers with `classes` likeliest classes each, and of a
/// multi-label model with those that are there.
std::unique_ptr<AnswerWriter> make_writer(AnswerForm form, std::int64_t classes, bool multi_label);
/// Names of labels as lists have them: "cat;dog".
std::string joined_names(const Top& labels);

}  // namespace fovea::cli
