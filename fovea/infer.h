// What runs models, for programs that link fovea-infer: `#include <fovea/infer.h>`. Tensors and
// their operations, modules, the graph form and ONNX, models by name, weights files.
#pragma once

// Said once, plainly, instead of a page of messages about concepts and spans.
#if __cplusplus < 202002L
#error "Fovea needs C++20: compile with -std=c++20"
#else

#include "fovea/core/allocator.h"
#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/core/version.h"
#include "fovea/data/transforms.h"
#include "fovea/graph/draw.h"
#include "fovea/graph/graph_module.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/session.h"
#include "fovea/graph/trace.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/tensors/idx.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/pth.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/kernels/memory.h"
#include "fovea/models/classifier.h"
#include "fovea/models/layers.h"
#include "fovea/models/load_model.h"
#include "fovea/models/model_cost.h"
#include "fovea/models/model_file.h"
#include "fovea/models/model_graph.h"
#include "fovea/models/models.h"
#include "fovea/models/normalization.h"
#include "fovea/models/onnx_model.h"
#include "fovea/models/zoo/alexnet.h"
#include "fovea/models/zoo/fashion_cnn.h"
#include "fovea/models/zoo/fashion_dnn.h"
#include "fovea/models/zoo/fashion_fast.h"
#include "fovea/models/zoo/googlenet.h"
#include "fovea/models/zoo/lenet.h"
#include "fovea/models/zoo/mobilenet.h"
#include "fovea/models/zoo/resnet.h"
#include "fovea/models/zoo/squeezenet.h"
#include "fovea/models/zoo/vgg.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/profile.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/tensor.h"

#endif
