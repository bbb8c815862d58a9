#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <ostream>
#include <type_traits>

#include "crypto/random_sources.h"

// Every delete of this program looks at the block that a test watches, just before it goes back to the heap.
namespace {
const void* g_watched = nullptr;
size_t g_watched_size = 0;
int g_freed_clean = 0;
int g_freed_dirty = 0;

void look(const void* block) {
  if (block == nullptr || block != g_watched) return;
  const auto* bytes = static_cast<const uint8_t*>(block);
  bool clean = true;
  for (size_t i = 0; i < g_watched_size; ++i) clean = clean && bytes[i] == 0;
  ++(clean ? g_freed_clean : g_freed_dirty);
  g_watched = nullptr;
}
}  // namespace

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete(void* block) noexcept {
  look(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  look(block);
  std::free(block);
}

namespace godwit::crypto {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

template <typename T>
constexpr bool kSecretive = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                            std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                            !Printable<T> && !std::is_convertible_v<T, ByteView> && !std::is_convertible_v<T, Bytes> &&
                            !std::is_convertible_v<T, bool> && !std::is_convertible_v<T, std::string_view>;
static_assert(kSecretive<Secret<32>>, "a secret is not copied, printed or converted");
static_assert(kSecretive<SecretBuffer>, "a secret buffer is not copied, printed or converted");
static_assert(!std::is_convertible_v<ByteArray<32>, Secret<32>>, "public bytes do not become a secret by themselves");
static_assert(!std::is_convertible_v<Bytes, SecretBuffer> && !std::is_convertible_v<size_t, SecretBuffer>);

constexpr size_t kSize = 48;
using Sample = Secret<kSize>;

Sample sample() {
  Sample out;
  std::fill(out.fill().begin(), out.fill().end(), uint8_t{0xa5});
  return out;
}

/// Memory in which a secret lived, to be looked at after its end.
struct Place {
  alignas(Sample) unsigned char bytes[sizeof(Sample)];
  Sample* make() { return new (bytes) Sample(sample()); }
  int nonzero() const {
    int count = 0;
    for (size_t i = 0; i < sizeof bytes; ++i) count += static_cast<const volatile unsigned char*>(bytes)[i] != 0;
    return count;
  }
};

TEST(Secret, memory_is_wiped_on_destruction) {
  Place place;
  Sample* secret = place.make();
  EXPECT_EQ(place.nonzero(), static_cast<int>(kSize));
  secret->~Sample();
  EXPECT_EQ(place.nonzero(), 0);
}

TEST(Secret, memory_is_wiped_when_moved_from) {
  Place place;
  Sample* secret = place.make();
  const Sample taken = std::move(*secret);
  EXPECT_EQ(place.nonzero(), 0);
  EXPECT_EQ(taken.reveal()[0], 0xa5);
  secret->~Sample();
}

TEST(Secret, the_source_of_an_assignment_is_wiped_and_the_old_value_is_gone) {
  Place place;
  Sample* secret = place.make();
  Sample target;
  std::fill(target.fill().begin(), target.fill().end(), uint8_t{0x11});
  target = std::move(*secret);
  EXPECT_EQ(place.nonzero(), 0);
  for (const uint8_t byte : target.reveal()) EXPECT_EQ(byte, 0xa5);
  secret->~Sample();
}

TEST(Secret, assignment_to_itself_keeps_the_value) {
  Sample secret = sample();
  Sample& alias = secret;
  secret = std::move(alias);
  EXPECT_TRUE(secret == sample());
}

TEST(Secret, a_wrong_size_is_refused) {
  const Bytes bytes(31, 7);
  const auto refused = Secret<32>::copy_of(bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kBadSize);
  EXPECT_TRUE(Secret<31>::copy_of(bytes));
}

TEST(Secret, a_clone_is_equal_and_independent) {
  Sample secret = sample();
  const Sample copy = secret.clone();
  EXPECT_TRUE(secret == copy);
  secret.fill()[47] ^= 1;
  EXPECT_FALSE(secret == copy);
}

SecretBuffer sample_buffer(size_t size = kSize) {
  SecretBuffer out(size);
  std::fill(out.fill().begin(), out.fill().end(), uint8_t{0xa5});
  return out;
}

void watch(const SecretBuffer& buffer) {
  g_watched = buffer.reveal().data();
  g_watched_size = buffer.size();
  g_freed_clean = g_freed_dirty = 0;
}

TEST(SecretBuffer, the_watch_sees_memory_that_is_not_wiped) {
  {
    const Bytes plain(kSize, 0xa5);
    g_watched = plain.data();
    g_watched_size = plain.size();
    g_freed_clean = g_freed_dirty = 0;
  }
  EXPECT_EQ(g_freed_dirty, 1);
}

TEST(SecretBuffer, memory_is_wiped_on_destruction) {
  {
    const SecretBuffer buffer = sample_buffer();
    watch(buffer);
  }
  EXPECT_EQ(g_freed_clean, 1);
  EXPECT_EQ(g_freed_dirty, 0);
}

TEST(SecretBuffer, a_move_takes_the_memory_along_and_leaves_nothing) {
  SecretBuffer source = sample_buffer();
  watch(source);
  {
    const SecretBuffer target = std::move(source);
    EXPECT_TRUE(source.empty());  // NOLINT: what a moved-from one holds is the point
    EXPECT_EQ(target.reveal().data(), g_watched);
    EXPECT_EQ(g_freed_clean + g_freed_dirty, 0);
  }
  EXPECT_EQ(g_freed_clean, 1);
  EXPECT_EQ(g_freed_dirty, 0);
}

TEST(SecretBuffer, the_old_value_is_wiped_on_assignment) {
  SecretBuffer target = sample_buffer();
  watch(target);
  target = sample_buffer(3);
  EXPECT_EQ(g_freed_clean, 1);
  EXPECT_EQ(g_freed_dirty, 0);
  EXPECT_EQ(target.size(), 3U);
}

TEST(SecretBuffer, adopted_bytes_are_not_copied_and_are_wiped) {
  Bytes bytes(kSize, 0xa5);
  const auto* address = bytes.data();
  {
    const SecretBuffer buffer = SecretBuffer::adopt(std::move(bytes));
    EXPECT_EQ(buffer.reveal().data(), address);
    watch(buffer);
  }
  EXPECT_EQ(g_freed_clean, 1);
}

TEST(SecretBuffer, concatenation_keeps_the_order) {
  const ByteArray<2> a{1, 2};
  const ByteArray<1> b{3};
  EXPECT_EQ(to_hex(secret_concat({a, {}, b}).reveal()), "010203");
  EXPECT_TRUE(secret_concat({}).empty());
}

TEST(ConstantTime, equality_looks_at_every_byte_and_at_the_size) {
  SeededRandom random(1);
  const Bytes a = to_bytes(random.bytes<40>());
  for (size_t i = 0; i < a.size(); ++i) {
    Bytes b = a;
    b[i] ^= 0x80;
    EXPECT_FALSE(equal_constant_time(a, b)) << i;
  }
  EXPECT_TRUE(equal_constant_time(a, Bytes(a)));
  EXPECT_FALSE(equal_constant_time(a, ByteView(a).first(39)));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

}  // namespace
}  // namespace godwit::crypto
