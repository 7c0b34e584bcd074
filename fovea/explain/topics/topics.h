// The topics of a textbook's chapter on convolutional networks, each as a walk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/explain/topics/adam.h"
#include "fovea/explain/topics/arrays.h"
#include "fovea/explain/topics/autograd.h"
#include "fovea/explain/topics/batch_norm.h"
#include "fovea/explain/topics/conv.h"
#include "fovea/explain/topics/cross_entropy.h"
#include "fovea/explain/topics/devices.h"
#include "fovea/explain/topics/dropout.h"
#include "fovea/explain/topics/layer_kinds.h"
#include "fovea/explain/topics/linear.h"
#include "fovea/explain/topics/module_forms.h"
#include "fovea/explain/topics/pool.h"
#include "fovea/explain/topics/relu.h"
#include "fovea/explain/topics/size.h"
#include "fovea/explain/topics/softmax.h"
#include "fovea/explain/walk.h"

namespace fovea::explain {

/// A topic by its name.
struct Topic {
  std::string name;  ///< "conv"
  Text summary;      ///< what it shows, a line
  Walk (*make)();    ///< with the options' defaults: the textbook's numbers where it has some
};

/// All of them, in the order in which a chapter tells them.
const std::vector<Topic>& topics();

/// The topic called `name`. Throws ArgumentError when there is none, naming the nearest.
const Topic& topic_called(std::string_view name);

}  // namespace fovea::explain
