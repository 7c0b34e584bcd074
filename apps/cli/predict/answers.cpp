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
  void add(const Asked& asked, const Top& top) override {
    const std::string truth = asked.label.empty() ? "" : fmt::format("   (it is {})", asked.label);
    put("{}{}\n", styled(terminal_, Style::kBold, one_line(asked.name)), one_line(truth));
    int width = 0;
    const auto name_of = [](const models::Likely& one) { return one_line(one.name); };
    for (const models::Likely& one : top) width = std::max(width, display_width(name_of(one)));
    for (const models::Likely& one : top) {
      const std::string name = name_of(one);
      const std::string space(static_cast<std::size_t>(width - display_width(name)), ' ');
      const std::string value = fmt::format("{:>9}", percent(one.probability));
      put("  {}{}  {}\n", name, space,
          &one == top.data() ? styled(terminal_, Style::kGood, value) : value);
    }
  }

 private:
  Terminal terminal_ = Terminal::output();
};

class Json : public AnswerWriter {
 public:
  /// One more value of the array, laid out as if all of it had been there at once.
  void add(const Asked& asked, const Top& top) override {
    io::Json classes = io::Json::array();
    for (const models::Likely& one : top) {
      classes.push_back(
          {{"class", one.name}, {"index", one.index}, {"probability", one.probability}});
    }
    const io::Json value = {{"input", asked.name}, {"top", std::move(classes)}};
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
  explicit Csv(std::int64_t classes) : classes_(classes) {}

  void add(const Asked& asked, const Top& top) override {
    begin();
    std::string row = io::csv_field(asked.name);
    for (const models::Likely& one : top)
      row += fmt::format(",{},{:.8g}", io::csv_field(one.name), one.probability);
    put("{}\n", row);
  }
  void finish() override { begin(); }

 private:
  void begin() {
    if (begun_) return;
    begun_ = true;
    std::string names = "input";
    for (std::int64_t rank = 1; rank <= classes_; ++rank)
      names += fmt::format(",class_{0},probability_{0}", rank);
    put("{}\n", names);
  }

  std::int64_t classes_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_writer(AnswerForm form, std::int64_t classes) {
  switch (form) {
    case AnswerForm::kTables:
      return std::make_unique<Tables>();
    case AnswerForm::kJson:
      return std::make_unique<Json>();
    case AnswerForm::kCsv:
      return std::make_unique<Csv>(classes);
  }
  no_case_for("AnswerForm", form);
}

}  // namespace fovea::cli
