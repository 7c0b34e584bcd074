#!/usr/bin/env bash
# timm 1.0.31: an average of weights that is made with use_warmup=True warms up only where every
# update is told its step. update(model), without one, uses the full decay from the first update on,
# and says nothing: after 100 updates at decay 0.9999 the average is still 99 % the random weights
# that the training began with, where the warm-up would have left none of them.
#
# Seen with timm 1.0.31 (PyPI) on PyTorch 1.13.1 (Debian 12's python3-torch):
#
#     without step: share of the first weights 0.9900, decay of update 100 0.9999
#     with step:    share of the first weights 0.0000, decay of update 100 0.9536
#
# Fovea's optim::ModelEma takes the number of the update and has no form without it.
# Ends with 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
/usr/bin/python3 -c 'import torch' || { echo "apt-get install python3-torch first"; exit 2; }
/usr/bin/python3 -m venv --system-site-packages "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps timm==1.0.31
"$folder/venv/bin/python" - <<'PYTHON' | tee "$folder/seen"
import importlib.metadata, importlib.util, torch
# The one file: the whole package wants a newer PyTorch.
path = importlib.metadata.distribution("timm").locate_file("timm/utils/model_ema.py")
spec = importlib.util.spec_from_file_location("model_ema", path)
model_ema = importlib.util.module_from_spec(spec)
spec.loader.exec_module(model_ema)

def share_of_the_first(told):
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(net.weight)
    average = model_ema.ModelEmaV3(net, decay=0.9999, use_warmup=True)
    torch.nn.init.zeros_(net.weight)
    for step in range(1, 101):
        average.update(net, step=step) if told else average.update(net)
    decay = average.get_decay(100) if told else average.get_decay()
    return f"share of the first weights {average.module.weight.item():.4f}, " \
           f"decay of update 100 {decay:.4f}"

print("without step:", share_of_the_first(False))
print("with step:   ", share_of_the_first(True))
PYTHON
diff "$folder/seen" - <<'SEEN'
without step: share of the first weights 0.9900, decay of update 100 0.9999
with step:    share of the first weights 0.0000, decay of update 100 0.9536
SEEN
