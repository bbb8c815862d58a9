// tree-math, deserialization and messages of the working group's vectors.

#include "mls/errors.h"
#include "mls/mls_message.h"
#include "mls/testing/support.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

void expect_node(const Json& expected, std::optional<NodeIndex> actual) {
  if (expected.is_null()) {
    EXPECT_FALSE(actual.has_value());
  } else {
    ASSERT_TRUE(actual.has_value());
    EXPECT_EQ(actual->value, expected.get<uint32_t>());
  }
}

TEST(MlsVectors, tree_math) {
  GODWIT_REQUIRE_VECTORS("mls/tree-math.json");
  Tally tally("mls/tree-math.json");
  for (const Json& one : godwit::testing::load_vectors("mls/tree-math.json")) {
    tally.run();
    const LeafCount leaves{one["n_leaves"].get<uint32_t>()};
    ASSERT_EQ(node_count(leaves), one["n_nodes"].get<uint32_t>());
    EXPECT_EQ(root(leaves).value, one["root"].get<uint32_t>());
    for (uint32_t i = 0; i < node_count(leaves); ++i) {
      expect_node(one["left"][i], left({i}));
      expect_node(one["right"][i], right({i}));
      expect_node(one["parent"][i], parent({i}, leaves));
      expect_node(one["sibling"][i], sibling({i}, leaves));
    }
  }
}

TEST(MlsVectors, deserialization) {
  GODWIT_REQUIRE_VECTORS("mls/deserialization.json");
  Tally tally("mls/deserialization.json");
  for (const Json& one : godwit::testing::load_vectors("mls/deserialization.json")) {
    tally.run();
    const Bytes header = unhex(one, "vlbytes_header");
    codec::Reader reader(header);
    const auto length = reader.varint();
    ASSERT_TRUE(length.has_value());
    EXPECT_EQ(*length, one["length"].get<uint32_t>());
    codec::Writer writer;
    writer.varint(*length);
    EXPECT_EQ(hex(writer.view()), hex(header));
  }
}

template <typename T>
void expect_round_trip(const Json& one, const char* member) {
  const Bytes bytes = unhex(one, member);
  const auto value = codec::decoded<T>(bytes);
  ASSERT_TRUE(value.has_value()) << member << ": " << value.error().rule;
  EXPECT_EQ(hex(codec::encoded(*value)), hex(bytes)) << member;
}

void expect_group_secrets_round_trip(const Json& one) {
  const Bytes bytes = unhex(one, "group_secrets");
  const auto value = GroupSecrets::decode(bytes);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(hex(value->encode()), hex(bytes));
}

TEST(MlsVectors, messages) {
  GODWIT_REQUIRE_VECTORS("mls/messages.json");
  Tally tally("mls/messages.json");
  for (const Json& one : godwit::testing::load_vectors("mls/messages.json")) {
    tally.run();
    for (const char* member : {"mls_welcome", "mls_group_info", "mls_key_package", "public_message_application",
                               "public_message_proposal", "public_message_commit", "private_message"}) {
      expect_round_trip<MLSMessage>(one, member);
    }
    expect_round_trip<RatchetTreeIn>(one, "ratchet_tree");
    expect_round_trip<Add>(one, "add_proposal");
    expect_round_trip<Update>(one, "update_proposal");
    expect_round_trip<Remove>(one, "remove_proposal");
    expect_round_trip<PreSharedKeyProposal>(one, "pre_shared_key_proposal");
    expect_round_trip<ReInit>(one, "re_init_proposal");
    expect_round_trip<ExternalInit>(one, "external_init_proposal");
    expect_round_trip<GroupContextExtensions>(one, "group_context_extensions_proposal");
    expect_round_trip<Commit>(one, "commit");
    expect_group_secrets_round_trip(one);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace godwit::mls
