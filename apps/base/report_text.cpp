#include "apps/base/report_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/table.h"

namespace fovea::cli {

namespace {

constexpr int kMostClassColumns = 24;            // a longer name is cut
constexpr std::int64_t kMostMatrixClasses = 20;  // a larger matrix does not fit a screen
constexpr std::size_t kWorst = 2;                // classes to mark

/// The classes that do worst by F1, when some do clearly worse than the mean.
std::vector<std::int64_t> worst_classes(const train::Metrics& metrics) {
  std::vector<train::ClassMetrics> classes;
  for (const train::ClassMetrics& one : metrics.per_class) {
    if (one.support > 0 && one.f1 < metrics.macro_f1) classes.push_back(one);
  }
  std::stable_sort(classes.begin(), classes.end(),
                   [](const auto& a, const auto& b) { return a.f1 < b.f1; });
  classes.resize(std::min(classes.size(), kWorst));
  std::vector<std::int64_t> worst;
  worst.reserve(classes.size());
  for (const train::ClassMetrics& one : classes) worst.push_back(one.index);
  return worst;
}

/// The class that `truth` is most often taken for; -1 when it never is.
std::int64_t most_confused_with(const train::ConfusionMatrix& confusion, std::int64_t truth) {
  std::int64_t most = -1;
  for (std::int64_t answer = 0; answer < confusion.classes(); ++answer) {
    if (answer == truth || confusion.count(truth, answer) == 0) continue;
    if (most < 0 || confusion.count(truth, answer) > confusion.count(truth, most)) most = answer;
  }
  return most;
}

std::string summary_text(const train::Report& report, const train::Metrics& metrics,
                         const Terminal& terminal) {
  const std::string accuracy = styled(terminal, Style::kGood, percent(metrics.accuracy));
  const std::string correct = with_commas(report.evaluation.correct());
  if (report.evaluation.labels) {
    return fmt::format(
        "  accuracy        {}   ({} right in every label; error rate {})\n"
        "  labels right    {}\n  loss            {:.4f}\n  macro F1        {:.4f}\n"
        "  mAP             {:.4f}\n  commonest set   {} of the images\n",
        accuracy, correct, percent(metrics.error_rate), percent(metrics.label_accuracy),
        report.evaluation.loss, metrics.macro_f1, metrics.mean_average_precision,
        percent(metrics.majority_share));
  }
  return fmt::format(
      "  accuracy        {}   ({} right; error rate {})\n  loss            {:.4f}\n"
      "  macro F1        {:.4f}\n  largest class   {} of the images\n",
      accuracy, correct, percent(metrics.error_rate), report.evaluation.loss, metrics.macro_f1,
      percent(metrics.majority_share));
}

/// What is said of a class beside precision, recall and F1.
std::vector<Table::Column> other_columns(const train::Report& report) {
  if (report.evaluation.labels)
    return {{"AP", Align::kRight},     {"images", Align::kRight},    {"found", Align::kRight},
            {"missed", Align::kRight}, {"not there", Align::kRight}, {"", Align::kLeft}};
  return {{"images", Align::kRight}, {"most often taken for", Align::kLeft}};
}

std::vector<std::string> other_cells(const train::Report& report, const train::Metrics& metrics,
                                     const train::ClassMetrics& one) {
  if (report.evaluation.labels) {
    const train::LabelCounts counts = train::label_counts(one, metrics.samples);
    return {fmt::format("{:.4f}", one.average_precision), with_commas(one.support),
            with_commas(counts.true_positives),           with_commas(counts.false_negatives),
            with_commas(counts.false_positives),          ""};
  }
  std::string taken_for;
  const train::ConfusionMatrix& confusion = report.evaluation.confusion;
  if (const std::int64_t other = most_confused_with(confusion, one.index); other >= 0) {
    taken_for = fmt::format("{} ({})", metrics.per_class[static_cast<std::size_t>(other)].name,
                            confusion.count(one.index, other));
  }
  return {with_commas(one.support), taken_for};
}

}  // namespace

std::string metrics_text(const train::Report& report, const Terminal& terminal) {
  const train::Metrics metrics = report.metrics();
  std::string out = styled(
      terminal, Style::kBold,
      fmt::format("{} on {}: {} test images{}", report.model, one_line(report.data),
                  with_commas(metrics.samples),
                  report.tta == "none" ? "" : fmt::format(", each with its views {}", report.tta)));
  out += fmt::format("\n\n{}\n", summary_text(report, metrics, terminal));

  std::vector<Table::Column> columns = {{"class", Align::kLeft},
                                        {"precision", Align::kRight},
                                        {"recall", Align::kRight},
                                        {"F1", Align::kRight}};
  for (Table::Column& other : other_columns(report)) columns.push_back(std::move(other));
  Table table(std::move(columns));
  const std::vector<std::int64_t> worst = worst_classes(metrics);
  for (const train::ClassMetrics& one : metrics.per_class) {
    std::vector<std::string> cells = {
        shortened(terminal, one.name, kMostClassColumns), fmt::format("{:.4f}", one.precision),
        fmt::format("{:.4f}", one.recall), fmt::format("{:.4f}", one.f1)};
    for (std::string& cell : other_cells(report, metrics, one)) cells.push_back(std::move(cell));
    if (std::find(worst.begin(), worst.end(), one.index) != worst.end()) {
      cells.back() += "  <- worst";
      table.add_row(std::move(cells), Style::kBad);
    } else {
      table.add_row(std::move(cells));
    }
  }
  out += table.to_string(terminal);
  for (const std::string& warning : metrics.warnings) {
    out += fmt::format("\n{} {}\n", styled(terminal, Style::kBad, "warning:"), one_line(warning));
  }
  return out;
}

std::string confusion_text(const train::Report& report, const Terminal& terminal) {
  if (report.evaluation.labels) return {};
  const train::ConfusionMatrix& confusion = report.evaluation.confusion;
  if (confusion.classes() > kMostMatrixClasses) {
    return fmt::format("The confusion matrix of {} classes is in --json.\n", confusion.classes());
  }
  const train::Metrics metrics = report.metrics();
  std::vector<Table::Column> columns = {{"true class \\ answer", Align::kLeft}};
  for (const train::ClassMetrics& one : metrics.per_class) {
    columns.push_back({std::to_string(one.index), Align::kRight});
  }
  Table table(std::move(columns));
  for (const train::ClassMetrics& one : metrics.per_class) {
    std::vector<std::string> cells = {
        fmt::format("{} {}", one.index, shortened(terminal, one.name, kMostClassColumns))};
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer) {
      const std::int64_t count = confusion.count(one.index, answer);
      cells.push_back(count == 0 ? (terminal.unicode ? "·" : ".") : std::to_string(count));
    }
    table.add_row(std::move(cells));
  }
  return table.to_string(terminal);
}

}  // namespace fovea::cli
