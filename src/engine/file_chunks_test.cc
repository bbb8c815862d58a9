// A file becomes chunks that open in their place only.

#include "engine/file_chunks.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "engine/errors.h"
#include "engine/file_content.h"

namespace godwit::engine {
namespace {

struct FileChunksTest : ::testing::Test {
  FileChunksTest() : random(1), key(crypto::Secret<32>::random(random)) {}
  std::vector<Bytes> sealed(const Bytes& file) const {
    const ChunkCipher cipher(key, file.size());
    std::vector<Bytes> out;
    for (uint32_t i = 0; i < cipher.chunks(); ++i) {
      const auto size = static_cast<size_t>(chunk_file_size(file.size(), i));
      const size_t start = std::min(file.size(), static_cast<size_t>(i * kChunkPlainSize));
      out.push_back(cipher.seal(i, ByteView(file).subspan(start, size)));
    }
    return out;
  }
  Bytes file(size_t size) {
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
  }
  crypto::SeededRandom random;
  crypto::Secret<32> key;
};

TEST_F(FileChunksTest, a_file_of_any_size_comes_back) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4'096}, size_t{65'507}, size_t{65'508}, size_t{65'509},
                            size_t{131'016}, size_t{300'000}}) {
    SCOPED_TRACE(size);
    const Bytes whole = file(size);
    const auto chunks = sealed(whole);
    const ChunkCipher cipher(key, size);
    Bytes back;
    for (uint32_t i = 0; i < cipher.chunks(); ++i) {
      EXPECT_LE(chunks[i].size(), wire::kBlobChunkSize);
      if (i + 1 < cipher.chunks()) {
        EXPECT_EQ(chunks[i].size(), wire::kBlobChunkSize);
      }
      auto opened = cipher.open(i, chunks[i]);
      ASSERT_TRUE(opened.has_value());
      append(back, *opened);
    }
    EXPECT_EQ(back, whole);
  }
}

TEST_F(FileChunksTest, sizes_fall_into_few_buckets_and_cost_at_most_12_percent) {
  EXPECT_EQ(padded_file_size(0), padded_file_size(4'000));
  EXPECT_EQ(padded_file_size(100'353), padded_file_size(102'000));
  for (uint64_t size = kFilePaddedMin; size <= kFileSizeMax; size += size / 7 + 1) {
    const uint64_t padded = padded_file_size(size);
    EXPECT_GE(padded, size);
    EXPECT_LE(padded - size, size * 12 / 100 + 1) << size;
    EXPECT_EQ(padded_file_size(padded), padded);
  }
  EXPECT_LE(chunk_count(kFileSizeMax), wire::kBlobChunksMax);
}

TEST_F(FileChunksTest, a_chunk_opens_in_its_place_only) {
  const auto chunks = sealed(Bytes(200'000, 0));
  const ChunkCipher cipher(key, 200'000);
  EXPECT_EQ(cipher.open(0, chunks[1]).error().code, kFileDamaged) << "swapped";
  EXPECT_EQ(cipher.open(1, chunks[0]).error().code, kFileDamaged);
  EXPECT_NE(chunks[0], chunks[1]) << "of the same plaintext";
}

TEST_F(FileChunksTest, a_file_that_was_cut_or_extended_does_not_open) {
  // Sizes at which a whole chunk is the last one, or is not.
  const size_t two = 2 * kChunkPlainSize;
  const auto chunks = sealed(Bytes(5 * kChunkPlainSize, 0));
  const ChunkCipher shorter(key, two - 1'000);
  ASSERT_LT(shorter.chunks(), 5U);
  EXPECT_FALSE(shorter.open(shorter.chunks() - 1, chunks[shorter.chunks() - 1]).has_value());
}

TEST_F(FileChunksTest, every_changed_byte_is_found) {
  auto chunks = sealed(file(100));
  const ChunkCipher cipher(key, 100);
  for (const size_t at : {size_t{0}, size_t{11}, size_t{12}, size_t{200}, chunks[0].size() - 1}) {
    Bytes forged = chunks[0];
    forged[at] ^= 1;
    EXPECT_EQ(cipher.open(0, forged).error().code, kFileDamaged);
  }
  EXPECT_EQ(cipher.open(0, {}).error().code, kFileDamaged);
  Bytes cut = chunks[0];
  cut.pop_back();
  EXPECT_EQ(cipher.open(0, cut).error().code, kFileDamaged);
}

TEST_F(FileChunksTest, the_same_chunk_again_has_the_same_bytes_and_a_changed_one_another_nonce) {
  Bytes first = file(1'000);
  const Bytes once = sealed(first)[0];
  EXPECT_EQ(sealed(first)[0], once) << "so a home takes it as a repetition";
  first[500] ^= 1;
  const Bytes changed = sealed(first)[0];
  EXPECT_FALSE(equal(ByteView(changed).first(12), ByteView(once).first(12)));
}

}  // namespace
}  // namespace godwit::engine
