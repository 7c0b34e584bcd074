#!/usr/bin/env bash
# What trainings promise that are left and go on, as far as it takes too long for the suite: half an
# hour on two cores.
#
#     resume.sh BUILD_DIR [kill|cost|full|long]...
#
#   kill  killed at 20 moments, half of them inside a save, and resumed each time, a training comes
#         to the weights of one that was left alone, byte for byte
#   cost  checkpoints every 30 seconds take less than 1 % of the time
#   full  on disks of every size that are full at some file of a run, nothing that was written is
#         lost, the exit code is 4, and with room the run goes on to the same weights (needs a user
#         namespace, for file systems of its own)
#   long  in 200 epochs memory, files and the time of an epoch stay what they were
source "$(dirname "$0")/../support/accept.sh"

killed() {
  rm -rf "$work/killed"
  mkdir "$work/killed"
  printf 'accept: %s\n' "$*"
  /usr/bin/python3 "$source/tests/e2e/kill_and_resume.py" "$fovea" "$work/killed" 20 1 "$@"
}

part_kill() {
  local short=(--epochs 2 --limit-train 12000 --limit-test 2000 --save-every 10)
  killed fashion-dnn --epochs 3 --save-every 40 &&
    killed fashion-cnn "${short[@]}" &&
    killed fashion-cnn "${short[@]}" --optimizer adamw --schedule onecycle --ema 0.99 \
      --augment flip+crop+mixup --val-fraction 0.1 --monitor val_loss &&
    killed resnet18 --epochs 2 --limit-train 1500 --limit-test 200 --batch-size 50 --save-every 2 \
      --augment flip+crop+erase || return 1
  if "$fovea" bench --only fc2 --precision bf16 --rounds 1 --seconds 0.01 >/dev/null 2>&1; then
    killed fashion-cnn "${short[@]}" --precision bf16
  else
    printf 'accept: no bf16 products here, that training is left out\n'
  fi
}

# In turns, in one run of this: an epoch that saves after every step, and one that does not.
part_cost() {
  /usr/bin/python3 - "$fovea" "$work" <<'PYTHON'
import statistics, subprocess, sys, time
fovea, work = sys.argv[1:]
STEPS = 60
def seconds(every):
    start = time.monotonic()
    subprocess.run([fovea, "train", "fashion-cnn", "--epochs", "1", "--limit-train", "6000",
                    "--limit-test", "100", "--save-every", every, "--project", work + "/cost",
                    "--tensorboard", "off", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start
differences = [(seconds("1") - seconds("1h")) / STEPS for _ in range(5)]
each = statistics.median(differences)
print(f"accept: a checkpoint of fashion-cnn takes {1000 * each:.0f} ms; every 30 s "
      f"{100 * each / 30:.2f} % of the time")
sys.exit(each / 30 >= 0.01)
PYTHON
}

# on_disk SIZE: in file systems of its own. A run on a disk of so many bytes, then with room.
on_disk() {
  local size=$1 disk=$work/disk code=0
  mkdir -p "$disk"
  mount -t tmpfs -o "size=$size" none "$disk" || return 2
  "$fovea" train fashion-dnn --epochs 3 --limit-train 1000 --limit-test 200 --save-every 4 \
    --log-every 1 --quiet --project "$disk" >/dev/null 2>"$work/said" || code=$?
  local weights
  for weights in "$disk"/exp/weights/*.safetensors; do
    [[ ! -e $weights ]] || "$fovea" summary "$weights" >/dev/null || return 1
  done
  mount -o "remount,size=256m" "$disk"
  if [[ $code -eq 0 ]]; then
    :
  elif [[ $code -ne 4 ]]; then
    printf 'accept: code %s on a disk of %s bytes\n' "$code" "$size" >&2
    return 1
  elif compgen -G "$disk/exp/state/step-*" >/dev/null; then
    "$fovea" train --resume "$disk/exp" --quiet >/dev/null || return 1
    grep -q -- --resume "$work/said" || { cat "$work/said" >&2; return 1; }
  else
    umount "$disk"
    return 0
  fi
  cmp "$disk/exp/weights/last.safetensors" "$work/whole/exp/weights/last.safetensors" &&
    umount "$disk"
}

part_full() {
  local size sizes=0
  "$fovea" train fashion-dnn --epochs 3 --limit-train 1000 --limit-test 200 --quiet \
    --project "$work/whole" >/dev/null
  export -f on_disk
  export fovea work
  # All sizes on the way, and those at whose end there is no room for the small files of the report.
  local small=$(($(du -sb "$work/whole/exp" | cut -f1) / 4096 * 4096))
  for size in $(seq 40960 163840 14000000) $(seq $((small - 131072)) 8192 $((small + 131072))); do
    unshare --user --map-root-user --mount bash -c 'on_disk "$1"' _ "$size" || {
      printf 'accept: not so on a disk of %s bytes\n' "$size" >&2
      return 1
    }
    sizes=$((sizes + 1))
  done
  printf 'accept: %s disks\n' "$sizes"
}

part_long() {
  /usr/bin/python3 - "$fovea" "$work" <<'PYTHON'
import os, pathlib, subprocess, sys, time
fovea, run = sys.argv[1], pathlib.Path(sys.argv[2]) / "long/exp"
process = subprocess.Popen([fovea, "train", "fashion-dnn", "--epochs", "200", "--limit-train",
                            "4000", "--limit-test", "1000", "--quiet", "--project", run.parent],
                           stdout=subprocess.DEVNULL)
def rows():
    try:
        return len((run / "results.csv").read_text().splitlines()) - 1
    except OSError:
        return 0
def look():
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    def open_files():
        time.sleep(0.002)
        return len(os.listdir(f"/proc/{process.pid}/fd"))
    # The least of some looks: a file that is just being written is open for a moment.
    return memory, min(open_files() for _ in range(10))
seen = {}
while process.poll() is None:
    epoch = rows()
    if epoch in (20, 195):
        seen.setdefault(epoch, look())
    time.sleep(0.01)
files = [path for path in run.rglob("*") if path.is_file()]
size = sum(path.stat().st_size for path in files)
table = [line.split(",") for line in (run / "results.csv").read_text().splitlines()[1:]]
times = [float(row[2]) for row in table]
epochs = [after - before for before, after in zip([0, *times], times)]
first, last = sorted(epochs[:10])[5], sorted(epochs[-10:])[5]
(memory, open_files), (memory_later, open_later) = seen[20], seen[195]
print(f"accept: memory {memory_later / memory:.4f} of what it was, {open_later} open files where "
      f"there were {open_files}, an epoch {last / first:.3f} times as long, {len(files)} files of "
      f"{size / 1e6:.1f} MB")
sys.exit(process.returncode or memory_later > 1.01 * memory or open_later > open_files
         or len(files) > 20 or size > 40e6)  # of it 20 MB for TensorBoard, ever more slowly
PYTHON
}

keep kill cost full long
