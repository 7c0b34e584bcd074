#include "fovea/train/folder_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

TEST(FolderLock, IsHeldByOneAtATime) {
  const test::TempDir folder;
  EXPECT_FALSE(is_folder_locked(folder.path()));
  FolderLock first = lock_folder(folder.path());
  EXPECT_EQ(first.state, LockState::kHeld);
  EXPECT_TRUE(is_folder_locked(folder.path()));
  const FolderLock second = lock_folder(folder.path());
  EXPECT_EQ(second.state, LockState::kTaken);
  EXPECT_EQ(second.held, nullptr);
  first.held.reset();
  EXPECT_FALSE(is_folder_locked(folder.path()));
  EXPECT_EQ(lock_folder(folder.path()).state, LockState::kHeld);
}

TEST(FolderLock, OfNothingIsNone) {
  const test::TempDir folder;
  EXPECT_EQ(lock_folder(folder / "none").state, LockState::kNone);
  EXPECT_FALSE(is_folder_locked(folder / "none"));
}

// A page that lists runs must not keep one from going on.
TEST(FolderLock, IsGotAlthoughSomebodyLooks) {
  const test::TempDir folder;
  std::atomic<bool> over{false};
  std::thread looking([&] {
    while (!over) (void)is_folder_locked(folder.path());
  });
  for (int i = 0; i < 300; ++i) EXPECT_EQ(lock_folder(folder.path()).state, LockState::kHeld);
  over = true;
  looking.join();
}

}  // namespace
}  // namespace fovea::train
