#include "apps/serve/api/judging.h"

#include <utility>

#include "fovea/core/error.h"
#include "fovea/models/models.h"
#include "fovea/train/evaluate.h"

namespace fovea::serve {

namespace {

constexpr std::int64_t kBatch = 100;
constexpr std::size_t kKept = 16;  // judgements, and the weights that they are of

}  // namespace

/// Weights that are judged, or have been.
struct Judging::Job {
  std::shared_ptr<ServedModel> model;  // as it was when it was asked for, until it is judged
  std::string stamp;                   // of its weights
  std::atomic<std::int64_t> done{0}, total{0};
  std::shared_ptr<const Judged> result;  // and what follows: by the mutex
  std::exception_ptr error;
  bool is_told = false;  // its error was thrown
};

Judging::Judging(Explaining& explaining)
    : explaining_(explaining), jobs_(kKept), thread_([this] { work(); }) {}

Judging::~Judging() {
  stop_ = true;
  {
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
  }
  thread_.join();
}

/// What is known of these weights. What has failed is tried again when it is asked for again.
std::shared_ptr<Judging::Job> Judging::kept_job(const std::string& model,
                                                const std::string& stamp) {
  const std::scoped_lock lock(mutex_);
  const std::shared_ptr<Job>* const kept = jobs_.find(model);
  if (kept == nullptr || (*kept)->stamp != stamp || (*kept)->is_told) return nullptr;
  return *kept;
}

std::variant<std::shared_ptr<const Judged>, JudgingProgress> Judging::ask(
    const std::string& model) {
  const std::string stamp = explaining_.models.stamp(model);
  std::shared_ptr<Job> job = kept_job(model, stamp);
  if (!job) {
    job = std::make_shared<Job>();
    job->model = explaining_.models.get(model);
    job->stamp = stamp;
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(job);
    jobs_.put(model, job);
    changed_.notify_all();
  }
  const std::scoped_lock lock(mutex_);
  if (job->error) {
    job->is_told = true;
    std::rethrow_exception(job->error);
  }
  if (job->result) return job->result;
  return JudgingProgress{job->done, job->total};
}

void Judging::work() {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    std::shared_ptr<const Judged> result;
    std::exception_ptr error;
    try {
      result = judge(*job);
    } catch (...) {
      error = std::current_exception();
    }
    const std::scoped_lock lock(mutex_);
    job->result = std::move(result);
    job->error = error;
    job->model.reset();
  }
}

std::shared_ptr<const Judged> Judging::judge(Job& job) {
  const ServedModel& served = *job.model;
  auto judged = std::make_shared<Judged>();
  judged->data = explaining_.images.samples(served, vision::Split::kTest);
  const models::ModelCard& card = served.classifier().card();
  data::DataLoader loader(judged->data,
                          {.batch_size = kBatch, .transform = card.normalize.transform()});
  job.total = loader.samples();
  const models::LoadedModel& model = served.classifier().model();
  const std::shared_ptr<nn::Module> copy = models::make_model(card.model, card.options);
  {
    const std::scoped_lock lock(served.mutex());
    copy->load_state_dict(model.module->state_dict());
  }
  const bool has_answers = judged->data->targets() == data::Targets::kSingleLabel;
  const std::optional<train::Evaluation> evaluation = train::evaluate_until(
      &stop_, *copy, loader, model.classes, {}, [&](const Tensor& scores, const Tensor& targets) {
        if (has_answers) train::add_answers(scores, targets, judged->answers);
        job.done += targets.size(0);
      });
  if (!evaluation) return nullptr;  // the server ends
  judged->report = {.model = card.model,
                    .data = served.data().data,
                    .run_dir = {},
                    .classes = judged->data->classes(),
                    .evaluation = *evaluation};
  return judged;
}

}  // namespace fovea::serve
