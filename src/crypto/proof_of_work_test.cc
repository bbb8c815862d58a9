#include "crypto/proof_of_work.h"

#include <gtest/gtest.h>

namespace godwit::crypto {
namespace {

TEST(ProofOfWork, what_was_found_is_done_and_serves_no_other_subject_or_label) {
  const Bytes subject(16, 1);
  const uint64_t nonce = find_work("label", subject, 12);
  EXPECT_TRUE(work_is_done("label", subject, nonce, 12));
  EXPECT_TRUE(work_is_done("label", subject, nonce, 0));
  EXPECT_FALSE(work_is_done("label", Bytes(16, 2), nonce, 12));
  EXPECT_FALSE(work_is_done("another", subject, nonce, 12));
  EXPECT_FALSE(work_is_done("label", subject, nonce, 255)) << "nobody can do that much";
}

TEST(ProofOfWork, the_search_gives_the_first_nonce_that_serves) {
  const Bytes subject(16, 3);
  const uint64_t nonce = find_work("label", subject, 8);
  for (uint64_t i = 0; i < nonce; ++i) EXPECT_FALSE(work_is_done("label", subject, i, 8));
  EXPECT_GT(find_work("label", subject, 8, nonce + 1), nonce);
}

}  // namespace
}  // namespace godwit::crypto
