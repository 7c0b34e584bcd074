#include "fovea/tensor/tape.h"

#include <algorithm>
#include <atomic>
#include <queue>
#include <unordered_map>
#include <utility>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/trace.h"

namespace fovea {

namespace {

thread_local bool grad_mode = true;
thread_local bool walking_back = false;

/// Says that this thread walks back, while it lives; a walk may start another.
class WalkingBack {
 public:
  WalkingBack() : before_(std::exchange(walking_back, true)) {}
  ~WalkingBack() { walking_back = before_; }
  WalkingBack(const WalkingBack&) = delete;
  WalkingBack& operator=(const WalkingBack&) = delete;

 private:
  bool before_;
};

/// A saved value and the version it had: a later change in place shows.
struct Saved {
  Tensor value;
  std::uint64_t version;
};

/// Where an input's gradient goes: to the operation that made it, to a leaf, or nowhere.
struct Edge {
  std::shared_ptr<Node> node;
  std::shared_ptr<TensorImpl> leaf;
  Shape sizes;
  DType dtype = f32;
  Device device;
  bool wanted() const { return node || leaf; }
};

}  // namespace

/// One recorded operation.
class Node {
 public:
  std::string_view operation;
  /// In order of recording: an operation's inputs have smaller numbers.
  std::uint64_t sequence = 0;
  Shape output;
  std::vector<Edge> inputs;
  std::vector<Saved> saved;
  BackwardFunction backward;
  bool released = false;
  bool into_leaves = false;  ///< the pass under way writes leaves' gradients

  ~Node() { release(); }

  /// Drops what the operation holds. A long tape is taken apart in a loop, not by recursion down
  /// its whole length.
  void release() {
    released = true;
    saved.clear();
    backward = nullptr;
    thread_local std::vector<std::shared_ptr<Node>> pending;
    thread_local bool draining = false;
    for (Edge& edge : inputs) {
      if (edge.node) pending.push_back(std::move(edge.node));
    }
    inputs.clear();
    if (draining) return;
    draining = true;
    while (!pending.empty()) {
      std::shared_ptr<Node> next = std::move(pending.back());
      pending.pop_back();
    }
    draining = false;
  }
};

namespace {

Edge edge_to(const Tensor& input) {
  Edge edge;
  if (!input.defined()) return edge;
  edge.sizes = input.sizes();
  edge.dtype = input.dtype();
  edge.device = input.device();
  if (!input.requires_grad()) return edge;
  edge.node = input.impl()->grad_fn;
  if (!edge.node) edge.leaf = input.impl();
  return edge;
}

bool same_memory(const TensorImpl& a, const TensorImpl& b) {
  return a.storage == b.storage && a.offset == b.offset && a.strides == b.strides;
}

/// Adds a gradient to a leaf: into its buffer, or taking `gradient` itself when nobody else holds
/// it.
void accumulate(const std::shared_ptr<TensorImpl>& leaf, const Tensor& gradient) {
  if (leaf->grad && !leaf->grad_is_stale) {
    Tensor(leaf->grad).add_(gradient);
  } else if (leaf->grad) {
    if (!same_memory(*leaf->grad, *gradient.impl())) Tensor(leaf->grad).copy_(gradient);
  } else {
    const bool sole = gradient.impl().use_count() == 1 &&
                      gradient.impl()->storage.use_count() == 1 && gradient.is_contiguous();
    leaf->grad = sole ? gradient.impl() : gradient.contiguous().clone().impl();
  }
  leaf->grad_is_stale = false;
}

/// One walk back along the tape.
class Pass {
 public:
  /// Gradients go to leaves when `targets` is empty, else only into captured().
  Pass(const Tensors& targets, bool retain_graph)
      : retain_(retain_graph), capture_(!targets.empty()) {
    for (const Tensor& target : targets) {
      if (target.impl()->grad_fn)
        wanted_nodes_[target.impl()->grad_fn.get()] = target.impl().get();
      else
        wanted_leaves_.push_back(target.impl().get());
    }
  }

  void run(const Tensor& output, const Tensor& gradient) {
    const NoGrad no_grad;
    const WalkingBack walking;
    deliver(edge_to(output), gradient, "backward");
    while (!queue_.empty()) {
      const std::shared_ptr<Node> node = queue_.top();
      queue_.pop();
      Tensor grad = std::move(pending_.at(node.get()));
      pending_.erase(node.get());
      if (const auto found = wanted_nodes_.find(node.get()); found != wanted_nodes_.end()) {
        captured_[found->second] = grad;
      }
      step(*node, std::move(grad));
    }
  }

  Tensor captured(const Tensor& target) const {
    const auto found = captured_.find(target.impl().get());
    return found == captured_.end() ? Tensor() : found->second;
  }

 private:
  struct Later {
    bool operator()(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) const {
      return a->sequence < b->sequence;
    }
  };

  void step(Node& node, Tensor grad) {
    check<StateError>(
        !node.released,
        "backward: tape expected to be there, got one that an earlier backward freed ",
        "(operation ", node.operation, "; use retain_graph)");
    node.into_leaves = !capture_;
    Tensors gradients = node.backward(Backward(node, std::move(grad)));
    check<StateError>(gradients.size() == node.inputs.size(), "backward: gradients expected for ",
                      node.inputs.size(), " inputs, got ", gradients.size(), " (operation ",
                      node.operation, ")");
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      if (gradients[i].defined()) deliver(node.inputs[i], gradients[i], node.operation);
      gradients[i] = {};
    }
    if (!retain_) node.release();
  }

  void deliver(const Edge& edge, const Tensor& gradient, std::string_view operation) {
    if (!edge.wanted()) return;
    check<ShapeError>(gradient.sizes() == edge.sizes, operation, ": gradient expected shape ",
                      edge.sizes, ", got ", gradient.sizes());
    check<DTypeError>(gradient.dtype() == edge.dtype, operation, ": gradient expected dtype ",
                      edge.dtype, ", got ", gradient.dtype());
    if (edge.leaf) {
      if (!capture_) return accumulate(edge.leaf, gradient);
      const bool wanted =
          std::count(wanted_leaves_.begin(), wanted_leaves_.end(), edge.leaf.get()) > 0;
      if (wanted) add(captured_[edge.leaf.get()], gradient);
      return;
    }
    Tensor& sum = pending_[edge.node.get()];
    if (!sum.defined()) queue_.push(edge.node);
    add(sum, gradient);
  }

  /// Not in place: a gradient may be shared by several receivers.
  static void add(Tensor& sum, const Tensor& gradient) {
    sum = sum.defined() ? sum + gradient : gradient;
  }

  bool retain_;
  bool capture_;
  std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Later> queue_;
  std::unordered_map<const Node*, Tensor> pending_;
  std::unordered_map<const Node*, const TensorImpl*> wanted_nodes_;
  std::vector<const TensorImpl*> wanted_leaves_;
  std::unordered_map<const TensorImpl*, Tensor> captured_;
};

Tensor start_gradient(const Tensor& output, const Tensor& gradient) {
  check<StateError>(output.requires_grad(),
                    "backward: tensor expected to require grad, got one that does not");
  if (gradient.defined()) return gradient;
  check<ShapeError>(output.numel() == 1, "backward: gradient expected for a tensor of ",
                    output.numel(), " elements, got none (shape ", output.sizes(), ")");
  return ones_like(output);
}

}  // namespace

bool in_backward() { return walking_back; }

bool grad_enabled() { return grad_mode; }
GradMode::GradMode(bool enabled) : before_(std::exchange(grad_mode, enabled)) {}
GradMode::~GradMode() { grad_mode = before_; }

bool is_recording(std::initializer_list<std::reference_wrapper<const Tensor>> inputs) {
  return grad_mode && std::any_of(inputs.begin(), inputs.end(), [](const Tensor& input) {
           return input.defined() && input.requires_grad();
         });
}

Tensor record(std::string_view operation, Tensor output, const Tensors& inputs,
              const Tensors& saved, BackwardFunction backward) {
  static std::atomic<std::uint64_t> sequence{0};
  if (Tracer* listener = tracer()) [[unlikely]]
    listener->recorded(operation, inputs, output);
  if (!grad_mode) return output;
  const bool wanted = std::any_of(inputs.begin(), inputs.end(), [](const Tensor& input) {
    return input.defined() && input.requires_grad();
  });
  if (!wanted) return output;
  auto node = std::make_shared<Node>();
  node->operation = operation;
  node->sequence = sequence.fetch_add(1, std::memory_order_relaxed);
  node->output = output.sizes();
  for (const Tensor& input : inputs) node->inputs.push_back(edge_to(input));
  for (const Tensor& value : saved) {
    if (value.defined())
      node->saved.push_back({value.detach(), value.impl()->storage->version()});
    else
      node->saved.push_back({});
  }
  node->backward = std::move(backward);
  output.impl()->requires_grad = true;
  output.impl()->grad_fn = std::move(node);
  return output;
}

// --- What backward functions see -----------------------------------------------------------------

Tensor Backward::saved(std::size_t i) const {
  const Saved& saved = node_.saved.at(i);
  if (!saved.value.defined()) return {};
  const std::uint64_t version = saved.value.impl()->storage->version();
  check<StateError>(version == saved.version, node_.operation,
                    ": saved tensor expected unchanged, got ", version - saved.version,
                    " changes in place since forward (shape ", saved.value.sizes(), ")");
  return saved.value;
}

bool Backward::needs(std::size_t i) const { return node_.inputs.at(i).wanted(); }

Tensor Backward::buffer(std::size_t i) const {
  const Edge& edge = node_.inputs.at(i);
  const bool place = node_.into_leaves && edge.leaf && edge.leaf->grad && edge.leaf->grad_is_stale;
  const auto uses = std::count_if(node_.inputs.begin(), node_.inputs.end(), [&](const Edge& other) {
    return edge.leaf && other.leaf == edge.leaf;
  });
  if (place && uses == 1 && is_contiguous(edge.sizes, edge.leaf->grad->strides)) {
    return Tensor(edge.leaf->grad).detach();
  }
  return empty(edge.sizes, {.dtype = edge.dtype, .device = edge.device});
}

// --- Tensor's side -------------------------------------------------------------------------------

bool Tensor::requires_grad() const { return checked().requires_grad; }
bool Tensor::is_leaf() const { return checked().grad_fn == nullptr; }

Tensor& Tensor::set_requires_grad(bool value) {
  check<StateError>(
      is_leaf(), "set_requires_grad: tensor expected to be a leaf, got the result of an operation");
  check<DTypeError>(!value || is_differentiable(dtype()),
                    "set_requires_grad: dtype expected f32 or f64, got ", dtype());
  impl_->requires_grad = value;
  return *this;
}

Tensor Tensor::grad() const {
  const TensorImpl& impl = checked();
  return impl.grad && !impl.grad_is_stale ? Tensor(impl.grad) : Tensor();
}

void Tensor::set_grad(const Tensor& grad) {
  if (grad.defined()) {
    check<ShapeError>(grad.sizes() == sizes(), "set_grad: gradient expected shape ", sizes(),
                      ", got ", grad.sizes());
    check<DTypeError>(grad.dtype() == dtype(), "set_grad: gradient expected dtype ", dtype(),
                      ", got ", grad.dtype());
    check<DeviceError>(grad.device() == device(), "set_grad: gradient expected on ", device(),
                       ", got ", grad.device());
  }
  checked();
  if (impl_->grad && grad.defined() && !same_memory(*impl_->grad, *grad.impl())) {
    NoGrad no_grad;
    Tensor(impl_->grad).copy_(grad);  // keeps the buffer
  } else if (!impl_->grad) {
    impl_->grad = grad.impl();
  }
  impl_->grad_is_stale = !grad.defined();
}

void Tensor::set_grad_buffer(const Tensor& buffer) {
  check<ShapeError>(buffer.sizes() == sizes(), "set_grad_buffer: buffer expected shape ", sizes(),
                    ", got ", buffer.sizes());
  check<DTypeError>(buffer.dtype() == dtype(), "set_grad_buffer: buffer expected dtype ", dtype(),
                    ", got ", buffer.dtype());
  const Tensor present = grad();
  impl_->grad = buffer.detach().impl();
  impl_->grad_is_stale = true;
  if (present.defined()) set_grad(present);
}

void Tensor::zero_grad() {
  checked();
  impl_->grad_is_stale = true;
}

void Tensor::backward(const Tensor& gradient, bool retain_graph) const {
  const Tensor start = start_gradient(*this, gradient);
  Pass({}, retain_graph).run(*this, start);
}

Tensors grad(const Tensor& output, const Tensors& inputs, const Tensor& gradient,
             bool retain_graph) {
  const Tensor start = start_gradient(output, gradient);
  for (const Tensor& input : inputs) {
    check<StateError>(input.requires_grad(),
                      "grad: inputs expected to require grad, got one that does not");
  }
  Pass pass(inputs, retain_graph);
  pass.run(output, start);
  Tensors gradients;
  for (const Tensor& input : inputs) gradients.push_back(pass.captured(input));
  return gradients;
}

Tensor sum_to_size(const Tensor& gradient, const Shape& sizes) {
  if (gradient.sizes() == sizes) return gradient;
  Shape dims;
  const int added = gradient.dim() - sizes.ndim();
  for (int i = 0; i < gradient.dim(); ++i) {
    if (i < added || (sizes[i - added] == 1 && gradient.sizes()[i] != 1)) dims.push_back(i);
  }
  return (dims.empty() ? gradient : sum(gradient, dims, true)).view(sizes);
}

// --- The tape for people -------------------------------------------------------------------------

std::vector<TapeEntry> tape(const Tensor& output) {
  std::vector<const Node*> nodes;
  std::unordered_map<const Node*, std::size_t> number;
  if (output.impl() && output.impl()->grad_fn) nodes.push_back(output.impl()->grad_fn.get());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const Edge& edge : nodes[i]->inputs) {
      if (edge.node && number.emplace(edge.node.get(), 0).second) nodes.push_back(edge.node.get());
    }
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const Node* a, const Node* b) { return a->sequence < b->sequence; });
  for (std::size_t i = 0; i < nodes.size(); ++i) number[nodes[i]] = i + 1;
  std::vector<TapeEntry> entries;
  for (const Node* node : nodes) {
    TapeEntry entry{std::string(node->operation), node->output, {}, {}};
    for (const Edge& edge : node->inputs) {
      const std::string source = edge.node   ? str("#", number[edge.node.get()])
                                 : edge.leaf ? "leaf"
                                             : "constant";
      entry.inputs.push_back(source + " " + edge.sizes.to_string());
    }
    for (const Saved& saved : node->saved) {
      if (saved.value.defined())
        entry.saved.push_back(str(saved.value.dtype(), " ", saved.value.sizes()));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string tape_to_string(const Tensor& output) {
  const auto join = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text.empty() ? std::string("-") : text;
  };
  std::vector<std::array<std::string, 5>> rows{{"#", "operation", "output", "inputs", "saved"}};
  for (const TapeEntry& entry : tape(output)) {
    rows.push_back({std::to_string(rows.size()), entry.operation, entry.output.to_string(),
                    join(entry.inputs), join(entry.saved)});
  }
  std::array<std::size_t, 5> width{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + (i + 1 < row.size() ? std::string(width[i] - row[i].size() + 2, ' ') : "");
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace fovea
