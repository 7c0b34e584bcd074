// Everything of the room nn.
#pragma once

#include "fovea/nn/activation.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/nn/containers.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/dropout.h"
#include "fovea/nn/flatten.h"
#include "fovea/nn/functional.h"
#include "fovea/nn/init.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/local_response_norm.h"
#include "fovea/nn/losses.h"
#include "fovea/nn/module.h"
#include "fovea/nn/padding.h"
#include "fovea/nn/pooling.h"
