#include "apps/cli/predict/answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/table.h"
#include "apps/base/terminal.h"
#include "fovea/io/csv.h"
#include "fovea/io/json.h"

namespace fovea::cli {

namespace {

class Tables : public AnswerWriter {
 public:
  void add(const Asked& asked, const Answer& answer) override {
    const Top& top = shown(answer);
    const std::string truth = asked.label.empty() ? "" : fmt::format("   (it is {})", asked.label);
    put("{}{}\n", styled(terminal_, Style::kBold, one_line(asked.name)), one_line(truth));
    int width = 0;
    const auto name_of = [](const models::Likely& one) { return one_line(one.name); };
    for (const models::Likely& one : top) width = std::max(width, display_width(name_of(one)));
    for (const models::Likely& one : top) {
      const std::string name = name_of(one);
      const std::string space(static_cast<std::size_t>(width - display_width(name)), ' ');
      const std::string value = fmt::format("{:>9}", percent(one.probability));
      const bool answered = answer.labels ? one.probability >= 0.5 : &one == top.data();
      put("  {}{}  {}{}\n", name, space, answered ? styled(terminal_, Style::kGood, value) : value,
          answered && answer.labels ? "  <- there" : "");
    }
  }

 private:
  Terminal terminal_ = Terminal::output();
};

class Json : public AnswerWriter {
 public:
  /// One more value of the array, laid out as if all of it had been there at once.
  void add(const Asked& asked, const Answer& answer) override {
    io::Json classes = io::Json::array();
    for (const models::Likely& one : answer.top) {
      classes.push_back(
          {{"class", one.name}, {"index", one.index}, {"probability", one.probability}});
    }
    io::Json value = {{"input", asked.name}};
    if (answer.labels) {
      value["labels"] = io::Json::array();
      for (const models::Likely& one : *answer.labels) value["labels"].push_back(one.name);
    }
    value["top"] = std::move(classes);
    std::string text = io::json_lines(value);
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
      text.insert(at + 1, "  ");
    put("{}\n  {}", empty_ ? "[" : ",", text);
    empty_ = false;
  }
  void finish() override { put("{}]\n", empty_ ? "[" : "\n"); }

 private:
  bool empty_ = true;
};

class Csv : public AnswerWriter {
 public:
  Csv(std::int64_t classes, bool multi_label) : classes_(classes), multi_label_(multi_label) {}

  void add(const Asked& asked, const Answer& answer) override {
    begin();
    std::string row = io::csv_field(asked.name);
    if (answer.labels) row += "," + io::csv_field(joined_names(*answer.labels));
    for (const models::Likely& one : answer.top)
      row += fmt::format(",{},{:.8g}", io::csv_field(one.name), one.probability);
    put("{}\n", row);
  }
  void finish() override { begin(); }

 private:
  void begin() {
    if (begun_) return;
    begun_ = true;
    std::string names = multi_label_ ? "input,labels" : "input";
    for (std::int64_t rank = 1; rank <= classes_; ++rank)
      names += fmt::format(",class_{0},probability_{0}", rank);
    put("{}\n", names);
  }

  std::int64_t classes_;
  bool multi_label_;
  bool begun_ = false;
};

}  // namespace

const Top& shown(const Answer& answer) {
  const bool more = answer.labels && answer.labels->size() > answer.top.size();
  return more ? *answer.labels : answer.top;
}

std::string joined_names(const Top& labels) {
  std::string names;
  for (const models::Likely& one : labels) names += (names.empty() ? "" : ";") + one.name;
  return names;
}

std::unique_ptr<AnswerWriter> make_writer(AnswerForm form, std::int64_t classes, bool multi_label) {
  switch (form) {
    case AnswerForm::kTables:
      return std::make_unique<Tables>();
    case AnswerForm::kJson:
      return std::make_unique<Json>();
    case AnswerForm::kCsv:
      return std::make_unique<Csv>(classes, multi_label);
  }
  no_case_for("AnswerForm", form);
}

}  // namespace fovea::cli
