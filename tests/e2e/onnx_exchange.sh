#!/usr/bin/env bash
# Models move between Fovea, PyTorch and ONNX Runtime: onnx_exchange.py says how.
#
#     onnx_exchange.sh PYTHON FOVEA exchange|import MODEL...
#     onnx_exchange.sh PYTHON FOVEA export WEIGHTS...
#
# Exit codes: 0 they do; 77 PYTHON has no onnxruntime (./dev setup peers installs it); else they do
# not.
set -euo pipefail
python=$1
[[ -x $python ]] || { echo "no $python: ./dev setup peers makes it"; exit 77; }
"$python" -c 'import onnxruntime' || { echo "no onnxruntime: ./dev setup peers"; exit 77; }
exec "$python" "$(dirname "$0")/onnx_exchange.py" "${@:2}"
