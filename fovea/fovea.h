// The whole library: `#include <fovea/fovea.h>`. A header that it does not bring is not installed.
#pragma once

#include "fovea/infer.h"

#if __cplusplus >= 202002L

#include "fovea/data/data_loader.h"
#include "fovea/data/dataset.h"
#include "fovea/data/sampler.h"
#include "fovea/data/shard_sampler.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/records/event_file.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/average.h"
#include "fovea/optim/clip.h"
#include "fovea/optim/schedule.h"
#include "fovea/optim/sgd.h"
#include "fovea/train/averaging.h"
#include "fovea/train/balance.h"
#include "fovea/train/charts.h"
#include "fovea/train/checkpointer.h"
#include "fovea/train/environment.h"
#include "fovea/train/evaluate.h"
#include "fovea/train/event_recorder.h"
#include "fovea/train/first_layer.h"
#include "fovea/train/metrics.h"
#include "fovea/train/recipe.h"
#include "fovea/train/recorder.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"
#include "fovea/train/training.h"
#include "fovea/vision/cifar.h"
#include "fovea/vision/coco.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/grid.h"
#include "fovea/vision/image_folder.h"
#include "fovea/vision/image_list.h"
#include "fovea/vision/mnist.h"
#include "fovea/vision/open_data.h"
#include "fovea/vision/tiles.h"
#include "fovea/vision/web_dataset.h"

#endif
