#pragma once
// What every client's store must do, as gtest cases; a program instantiates them for the stores it links.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "store/client_store.h"

namespace godwit::store {

/// A client's store under test, with the disk below it.
class ClientStoreUnderTest {
 public:
  virtual ~ClientStoreUnderTest() = default;
  /// The store as it is open now; valid until reopen().
  virtual ClientStore& store() = 0;
  /// Closes the store and opens another on the same disk.
  virtual void reopen() = 0;
};

/// Makes one kind of client's store, empty.
struct ClientStoreKind {
  std::string name;
  std::function<std::unique_ptr<ClientStoreUnderTest>()> make;
};

/// What gtest calls the cases of one kind.
inline std::string client_store_kind_name(const testing::TestParamInfo<ClientStoreKind>& kind) {
  return kind.param.name;
}

/// The cases; each starts with an empty store.
class ClientStoreConformance : public testing::TestWithParam<ClientStoreKind> {
 protected:
  static Bytes bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
  ClientStore& store() { return under_test_->store(); }
  void put(std::string_view key, std::string_view value) {
    ASSERT_TRUE(store().write({{bytes(key), bytes(value)}}).has_value());
  }
  std::optional<Bytes> read(std::string_view key) { return store().read(bytes(key)).value(); }
  std::string range(std::string_view first, std::string_view last, uint32_t count_max, bool backwards) {
    std::string out;
    for (const auto& [key, value] : store().range(bytes(first), bytes(last), count_max, backwards).value()) {
      out += std::string(as_text(key)) + "=" + std::string(as_text(value)) + " ";
    }
    return out;
  }

  std::unique_ptr<ClientStoreUnderTest> under_test_ = GetParam().make();
};

TEST_P(ClientStoreConformance, a_batch_is_there_after_reopen) {
  ASSERT_TRUE(store().write({{bytes("a"), bytes("1")}, {bytes("b"), bytes("")}, {bytes("c"), bytes("3")}}).has_value());
  ASSERT_TRUE(store().write({{bytes("a"), bytes("9")}, {bytes("c"), std::nullopt}, {bytes("d"), std::nullopt}})
                  .has_value());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read("a"), bytes("9"));
    EXPECT_EQ(read("b"), Bytes{});
    EXPECT_EQ(read("c"), std::nullopt);
    EXPECT_EQ(read("d"), std::nullopt);
    under_test_->reopen();
  }
}

TEST_P(ClientStoreConformance, of_changes_to_one_key_in_a_batch_the_last_counts) {
  ASSERT_TRUE(store().write({{bytes("a"), bytes("1")}, {bytes("a"), std::nullopt}, {bytes("a"), bytes("2")}})
                  .has_value());
  EXPECT_EQ(read("a"), bytes("2"));
}

TEST_P(ClientStoreConformance, an_empty_batch_is_fine) { EXPECT_TRUE(store().write({}).has_value()); }

TEST_P(ClientStoreConformance, a_range_is_half_open_and_in_key_order) {
  for (const char* key : {"d", "b", "a", "c"}) put(key, "v");
  EXPECT_EQ(range("a", "d", 10, false), "a=v b=v c=v ");
  EXPECT_EQ(range("aa", "z", 10, false), "b=v c=v d=v ");
  EXPECT_EQ(range("a", "z", 2, false), "a=v b=v ");
  EXPECT_EQ(range("a", "z", 2, true), "d=v c=v ");
  EXPECT_EQ(range("a", "c", 10, true), "b=v a=v ");
  EXPECT_EQ(range("c", "a", 10, false), "");
  EXPECT_EQ(range("c", "a", 10, true), "");
  EXPECT_EQ(range("a", "z", 0, false), "");
  EXPECT_EQ(range("", "z", 10, false), "a=v b=v c=v d=v ");
  EXPECT_EQ(range("a", "", 10, false), "");
}

TEST_P(ClientStoreConformance, keys_are_compared_as_unsigned_bytes_a_prefix_first) {
  const std::vector<Bytes> keys = {{}, {0}, {0, 0}, {0, 1}, {1}, {0x7f}, {0x80}, {0xff}};
  for (size_t i = keys.size(); i-- > 0;) ASSERT_TRUE(store().write({{keys[i], Bytes{1}}}).has_value());
  const auto found = store().range(Bytes{}, Bytes{0xff, 0xff}, 100, false).value();
  ASSERT_EQ(found.size(), keys.size());
  for (size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(found[i].first, keys[i]);
}

TEST_P(ClientStoreConformance, values_may_be_large) {
  const Bytes large(3'000'000, 0xab);
  ASSERT_TRUE(store().write({{bytes("k"), large}}).has_value());
  under_test_->reopen();
  EXPECT_EQ(read("k"), large);
}

}  // namespace godwit::store
