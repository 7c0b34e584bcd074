#include "fovea/train/report.h"

#include "fovea/core/error.h"
#include "fovea/io/csv.h"
#include "fovea/io/json.h"

namespace fovea::train {

namespace {

using io::Json;

Json matrix(const ConfusionMatrix& confusion) {
  Json rows = Json::array();
  for (std::int64_t truth = 0; truth < confusion.classes(); ++truth) {
    Json row = Json::array();
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer)
      row.push_back(confusion.count(truth, answer));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json class_of(const ClassMetrics& of_class) {
  return {{"class", of_class.name},    {"index", of_class.index}, {"precision", of_class.precision},
          {"recall", of_class.recall}, {"f1", of_class.f1},       {"support", of_class.support}};
}

Json label_of(const ClassMetrics& of_class, std::int64_t samples) {
  const LabelCounts counts = label_counts(of_class, samples);
  Json json = class_of(of_class);
  json["average_precision"] = of_class.average_precision;
  json["true_positives"] = counts.true_positives;
  json["false_positives"] = counts.false_positives;
  json["false_negatives"] = counts.false_negatives;
  json["true_negatives"] = counts.true_negatives;
  return json;
}

}  // namespace

LabelCounts label_counts(const ClassMetrics& of_class, std::int64_t samples) {
  return {.true_positives = of_class.hits,
          .false_positives = of_class.answered - of_class.hits,
          .false_negatives = of_class.support - of_class.hits,
          .true_negatives = samples - of_class.answered - of_class.support + of_class.hits};
}

std::string to_json(const Report& report) {
  const Metrics metrics = report.metrics();
  const bool multi = report.evaluation.labels.has_value();
  Json json = {{"model", report.model},
               {"data", report.data},
               {"samples", metrics.samples},
               {"loss", report.evaluation.loss},
               {"accuracy", metrics.accuracy},
               {"error_rate", metrics.error_rate},
               {"majority_share", metrics.majority_share},
               {"warnings", metrics.warnings},
               {"per_class", Json::array()},
               {"macro_f1", metrics.macro_f1}};
  for (const ClassMetrics& of_class : metrics.per_class)
    json["per_class"].push_back(multi ? label_of(of_class, metrics.samples) : class_of(of_class));
  if (multi) {
    json["targets"] = data::word_of(data::Targets::kMultiLabel);
    json["label_accuracy"] = metrics.label_accuracy;
    json["mean_average_precision"] = metrics.mean_average_precision;
  } else {
    json["confusion_matrix"] = matrix(report.evaluation.confusion);
  }
  if (report.tta != "none") json["tta"] = report.tta;
  if (!report.run_dir.empty()) json["run_dir"] = report.run_dir;
  return io::json_lines(json) + "\n";
}

std::string label_counts_csv(const Report& report) {
  std::string text = "class,true_positives,false_positives,false_negatives,true_negatives\n";
  const Metrics metrics = report.metrics();
  for (const ClassMetrics& of_class : metrics.per_class) {
    const LabelCounts counts = label_counts(of_class, metrics.samples);
    text +=
        str(io::csv_field(of_class.name), ',', counts.true_positives, ',', counts.false_positives,
            ',', counts.false_negatives, ',', counts.true_negatives, '\n');
  }
  return text;
}

std::string confusion_csv(const Report& report) {
  const ConfusionMatrix& confusion = report.evaluation.confusion;
  const Metrics metrics = report.metrics();
  std::string text = "true";
  for (const ClassMetrics& of_class : metrics.per_class) text += "," + io::csv_field(of_class.name);
  text += '\n';
  for (const ClassMetrics& of_class : metrics.per_class) {
    text += io::csv_field(of_class.name);
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer) {
      text += "," + std::to_string(confusion.count(of_class.index, answer));
    }
    text += '\n';
  }
  return text;
}

}  // namespace fovea::train
